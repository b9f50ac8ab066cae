import type { ComputeHost } from '../../model/host.ts';
import type { HostName, ServerId } from '../../model/ids.ts';
import { pagesOf } from '../../model/pages.ts';
import type { SerialRecord } from '../../model/serial.ts';
import type { Server } from '../../model/server.ts';
import { auditSerials, currentSerials } from '../../serial/audit.ts';
import { doubtfulIdentity } from '../../serial/doubtful-identity.ts';
import { identityFault, reportedHostIdentity } from '../../serial/host-identity.ts';
import {
  describeIneffectiveName,
  ineffectiveNames,
  ineffectiveSpecs,
} from '../../serial/ineffective-names.ts';
import { decideNextBoot } from '../../serial/next-boot.ts';
import { describeOwnSerialObstacle } from '../../serial/own-serial.ts';
import { pendingOf } from '../../serial/pending.ts';
import type { Store } from '../../store/promise/store.ts';
import type { RequestContext } from '../http/route.ts';
import { changedView, ineffectiveView, pendingView, sharedView } from './serial-view.ts';

/** Rows read at once. */
const PIECE = 1000;

/** The fields of each server that an audit needs. */
type AuditedServer = Pick<Server, 'id' | 'projectId' | 'host' | 'flavor' | 'image'>;

async function alive({ servers }: Store): Promise<Map<ServerId, AuditedServer>> {
  const found = new Map<ServerId, AuditedServer>();
  for await (const piece of pagesOf((page) => servers.list({}, page), PIECE))
    for (const { id, projectId, host, flavor, image } of piece)
      found.set(id, { id, projectId, host, flavor, image });
  return found;
}

async function ledger({ serials }: Store): Promise<SerialRecord[]> {
  const records: SerialRecord[] = [];
  for (let after = 0; ; ) {
    const piece = await serials.list({ after, limit: PIECE });
    records.push(...piece.map(({ record }) => record));
    after = piece.at(-1)?.number ?? after;
    if (piece.length < PIECE) return records;
  }
}

function ineffectiveOf(server: AuditedServer): object[] {
  const { ineffective = [] } = ineffectiveView(ineffectiveNames(server));
  return ineffective.map((each) => ({ server_id: server.id, ...each }));
}

async function ineffectiveFlavors({ flavors }: Store): Promise<object[]> {
  const found: object[] = [];
  for await (const piece of pagesOf((page) => flavors.list({}, page), PIECE))
    for (const { id, extraSpecs } of piece)
      for (const each of ineffectiveSpecs(extraSpecs))
        found.push({ flavor_id: id, ...each, explanation: describeIneffectiveName(each) });
  return found;
}

/** Servers whose next hard boot would change their serial, or would be refused. */
function auditPending(
  servers: Iterable<AuditedServer>,
  hosts: ReadonlyMap<HostName, ComputeHost>,
  current: ReadonlyMap<ServerId, SerialRecord>,
): object[] {
  const pending: object[] = [];
  for (const server of servers) {
    const host = server.host === null ? undefined : hosts.get(server.host);
    const has = current.get(server.id);
    if (host === undefined || has === undefined) continue;
    const waits = pendingOf(has, decideNextBoot(server, host));
    if (waits === null) continue;
    const viewing = { isAdmin: true, projectId: server.projectId };
    pending.push({ server_id: server.id, now: has.serial, ...pendingView(waits, viewing) });
  }
  return pending;
}

/** MACs that several ports have: of servers that release 0.1 made. */
async function sharedMacs({ ports }: Store): Promise<object[]> {
  const byMac = Object.entries(Object.groupBy(await ports.withSharedMacs(), ({ mac }) => mac));
  return byMac.map(([mac_address, sharing = []]) => ({
    mac_address,
    ports: sharing.map(({ id, deviceId }) => ({
      port_id: id,
      server_id: deviceId === '' ? null : deviceId,
    })),
  }));
}

/** Shared, changed, pending, broken and ineffective serials of all servers and hosts. */
export async function audit({ parts: { store } }: RequestContext): Promise<object> {
  const servers = await alive(store);
  const records = await ledger(store);
  const { shared, changed } = auditSerials(records, new Set(servers.keys()));
  const current = currentSerials(records);
  const hosts = await store.hosts.list();
  const named = (sayWhy: (host: ComputeHost) => string | undefined) =>
    hosts.flatMap((host) => {
      const why = sayWhy(host);
      return why === undefined ? [] : [{ host: host.name, why }];
    });
  return {
    audit: {
      shared_serials: shared.map(sharedView),
      changed_serials: changed.map(changedView),
      shared_identities: await store.hosts.sharedIdentities(),
      pending_serials: auditPending(
        servers.values(),
        new Map(hosts.map((host) => [host.name, host])),
        current,
      ),
      ineffective_names: [
        ...(await ineffectiveFlavors(store)),
        ...[...servers.values()].flatMap(ineffectiveOf),
      ],
      broken_identities: named((host) => identityFault(reportedHostIdentity(host))),
      doubtful_identities: named((host) => doubtfulIdentity(reportedHostIdentity(host))),
      hosts_without_own_serials: named(describeOwnSerialObstacle),
      shared_mac_addresses: await sharedMacs(store),
    },
  };
}
