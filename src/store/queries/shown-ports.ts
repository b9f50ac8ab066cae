import type { ServerId } from '../../model/ids.ts';
import type { MacAddress } from '../../model/network/network-ids.ts';
import type { FixedIp } from '../../model/network/port.ts';
import type { ServerPort } from '../promise/networks.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

/** Fewer than the values that SQLite and PostgreSQL take in one query. */
const IDS_AT_ONCE = 1_000;

/** One row for each port and security group, or for a port that has none. */
const rowsOf = statement((dialect, of: { devices: readonly string[] }) =>
  dialect.db
    .selectFrom('ports')
    .innerJoin('networks', 'networks.id', 'ports.network_id')
    .leftJoin('port_security_groups', 'port_security_groups.port_id', 'ports.id')
    .leftJoin('security_groups', 'security_groups.id', 'port_security_groups.group_id')
    .select(['ports.id', 'ports.device_id', 'ports.mac', 'ports.body'])
    .select(['networks.name as network', 'security_groups.name as group'])
    .where('ports.device_id', 'in', of.devices)
    .where('ports.place', 'is not', null)
    .orderBy('ports.device_id')
    .orderBy('ports.place')
    .orderBy('ports.id')
    .orderBy('security_groups.name'),
);

/** What servers show of their ports. */
export async function shownPorts(
  session: Session,
  servers: readonly ServerId[],
): Promise<ReadonlyMap<ServerId, readonly ServerPort[]>> {
  const shown = new Map<ServerId, ServerPort[]>();
  for (let at = 0; at < servers.length; at += IDS_AT_ONCE) {
    let last: { readonly id: string; readonly groups: string[] } | undefined;
    for (const row of await rowsOf(session, { devices: servers.slice(at, at + IDS_AT_ONCE) })) {
      if (last?.id !== row.id) {
        const { fixedIps } = JSON.parse(row.body) as { readonly fixedIps: readonly FixedIp[] };
        const groups: string[] = [];
        const addresses = fixedIps.map(({ address }) => address);
        const port = { network: row.network, mac: row.mac as MacAddress, addresses, groups };
        const server = row.device_id as ServerId;
        shown.set(server, [...(shown.get(server) ?? []), port]);
        last = { id: row.id, groups };
      }
      if (row.group !== null) last.groups.push(row.group);
    }
  }
  return shown;
}
