import { sql } from 'kysely';
import { Failure } from '../../model/failure.ts';
import type { MacAddress, PortId, SecurityGroupId, SubnetId } from '../../model/network/network-ids.ts';
import type { FixedIp, Port } from '../../model/network/port.ts';
import type { AddressRequest, PortQueries, PortRequest } from '../promise/networks.ts';
import type { PortsTable } from '../sql/network-schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';
import { groupAddresses } from './group-addresses.ts';
import { dropTags, setTags } from './network-filter.ts';
import { changeNetworkUsage, networkUsage } from './network-usage.ts';
import { claimAddresses, releaseAddresses, requireSubnetsOf, takeAddresses } from './port-addresses.ts';
import { listPorts } from './port-list.ts';
import { insertTwin, insertWithMac, passMacOn, portsWithSharedMacs, refuseTakenMac } from './port-macs.ts';
import { portOf, rowOfPort } from './port-row.ts';
import { holdRows, lockForDelete } from './row-locks.ts';
import { shownPorts } from './shown-ports.ts';
import { holdSubnets } from './subnet-rows.ts';

/** As `server_id in (…)`: fewer than the values that SQLite and PostgreSQL take in one query. */
const IDS_AT_ONCE = 1_000;

const find = statement((dialect, of: { id: string }) =>
  dialect.db.selectFrom('ports').selectAll().where('id', '=', of.id),
);

const findLocked = statement((dialect, of: { id: string }) =>
  lockForDelete(dialect, dialect.db.selectFrom('ports').selectAll().where('id', '=', of.id)),
);

const ofDevices = statement((dialect, of: { devices: readonly string[] }) =>
  dialect.db
    .selectFrom('ports')
    .selectAll()
    .where('device_id', 'in', of.devices)
    .where('place', 'is not', null)
    .orderBy('device_id')
    .orderBy('place')
    .orderBy('id'),
);

const update = statement((dialect, { id, ...columns }: Pick<PortsTable, 'id'> & Partial<PortsTable>) =>
  dialect.db.updateTable('ports').set(columns).where('id', '=', id),
);

const remove = statement((dialect, of: { id: string }) =>
  dialect.db.deleteFrom('ports').where('id', '=', of.id),
);

const holdNetwork = statement((dialect, of: { id: string }) =>
  holdRows(dialect, dialect.db.selectFrom('networks').select('id').where('id', '=', of.id)),
);

const joinGroups = statement((dialect, of: { port: string; groups: readonly string[] }) =>
  dialect.db
    .insertInto('port_security_groups')
    .columns(['port_id', 'group_id'])
    .expression(
      holdRows(dialect, dialect.db.selectFrom('security_groups'))
        .select([sql<string>`${of.port}`.as('port_id'), 'id as group_id'])
        .where('id', 'in', of.groups),
    )
    .returning('group_id'),
);

const leaveGroups = statement((dialect, of: { port: string }) =>
  dialect.db.deleteFrom('port_security_groups').where('port_id', '=', of.port),
);

/** Ports, asked of one session. */
export function portQueries(session: Session): PortQueries {
  return {
    insert: (request) => session.lockingTransaction((tx) => insertPort(tx, request)),
    takeIn: ({ mac, ...request }) =>
      session.lockingTransaction((tx) => addPort(tx, request, (port) => insertTwin(tx, { ...port, mac }))),
    withSharedMacs: () => portsWithSharedMacs(session),
    async find(id) {
      const [row] = await find(session, { id });
      return row && portOf(row);
    },
    ofServers: (servers) => portsOfServers(session, servers),
    shownOf: (servers) => shownPorts(session, servers),
    list: (filter, page) => listPorts(session, filter, page),
    addressesIn: (group) => groupAddresses(session, group),
    update: (seen, patch) => session.lockingTransaction((tx) => updatePort(tx, seen, patch)),
    delete: (id) => session.lockingTransaction((tx) => deletePort(tx, id)),
    count: (project) => networkUsage(session, project, 'port'),
  };
}

async function insertPort(session: Session, request: PortRequest): Promise<Port> {
  const { mac, ...rest } = request;
  return addPort(session, rest, (port) => insertWithMac(session, port, mac));
}

/** Adds a port with its addresses, groups and tags. @param insertRow claims its MAC */
async function addPort(
  session: Session,
  { addresses, ...rest }: Omit<PortRequest, 'mac'>,
  insertRow: (port: Omit<Port, 'mac'>) => Promise<Port>,
): Promise<Port> {
  const subnets = await holdSubnets(session, subnetIdsOf(addresses));
  requireSubnetsOf(rest.networkId, subnets, addresses);
  if (subnets.size === 0 && (await holdNetwork(session, { id: rest.networkId })).length === 0)
    throw new Failure('not-found', `Network ${rest.networkId} could not be found.`, {
      type: 'NetworkNotFound',
    });
  const fixedIps = await takeAddresses(session, subnets, addresses);
  const port = await insertRow({ ...rest, fixedIps });
  await claimAddresses(session, subnets, { port: port.id, fixedIps });
  await setGroups(session, port.id, { before: [], after: port.securityGroupIds });
  await setTags(session, port.id, { before: [], after: port.tags });
  await changeNetworkUsage(session, port.projectId, { resource: 'port', by: 1 });
  return port;
}

async function portsOfServers(
  session: Session,
  servers: readonly string[],
): Promise<Map<string, readonly Port[]>> {
  const ports = new Map<string, Port[]>(servers.map((id) => [id, []]));
  for (let at = 0; at < servers.length; at += IDS_AT_ONCE)
    for (const row of await ofDevices(session, { devices: servers.slice(at, at + IDS_AT_ONCE) }))
      ports.get(row.device_id)?.push(portOf(row));
  return ports;
}

async function updatePort(
  session: Session,
  seen: Parameters<PortQueries['update']>[0],
  { addresses, ...patch }: Parameters<PortQueries['update']>[1],
): Promise<Port> {
  const [row] = await findLocked(session, { id: seen.id });
  if (row === undefined)
    throw new Failure('not-found', `Port ${seen.id} could not be found.`, { type: 'PortNotFound' });
  if (row.generation !== seen.generation)
    throw new Failure('conflict', `Port ${seen.id} was changed by another request. Try again.`, {
      type: 'StaleRevision',
    });
  const before = portOf(row);
  const fixedIps = addresses === undefined ? before.fixedIps : await readdress(session, before, addresses);
  const after: Port = { ...before, ...patch, fixedIps, id: before.id, generation: before.generation + 1 };
  if (after.mac !== before.mac) await refuseTakenMac(session, after);
  const claimedMac = after.mac === before.mac ? (row.claimed_mac as MacAddress | null) : after.mac;
  await update(session, { id: after.id, ...changedColumns(row, rowOfPort(after, claimedMac)) });
  if (claimedMac !== row.claimed_mac) await passMacOn(session, row.claimed_mac);
  await setGroups(session, after.id, { before: before.securityGroupIds, after: after.securityGroupIds });
  await setTags(session, after.id, { before: before.tags, after: after.tags });
  if (after.projectId !== before.projectId) {
    await changeNetworkUsage(session, before.projectId, { resource: 'port', by: -1 });
    await changeNetworkUsage(session, after.projectId, { resource: 'port', by: 1 });
  }
  return after;
}

/** Only these: SQLite writes each index of a column that it is given, whether the value is another or not. */
function changedColumns(before: PortsTable, after: PortsTable): Partial<PortsTable> {
  const columns = Object.entries(after) as [keyof PortsTable, unknown][];
  return Object.fromEntries(columns.filter(([name, value]) => before[name] !== value));
}

/**
 * Keeps the addresses that are named, and for each subnet that is named without an address one that the port
 * has there (neutron/db/ipam_backend_mixin.py _get_changed_ips_for_port).
 */
async function readdress(
  session: Session,
  port: Port,
  requests: readonly AddressRequest[],
): Promise<FixedIp[]> {
  const subnets = await holdSubnets(session, [...subnetIdsOf(requests), ...subnetIdsOf(port.fixedIps)]);
  requireSubnetsOf(port.networkId, subnets, requests);
  const held = [...port.fixedIps];
  const keep = (fits: (ip: FixedIp) => boolean): FixedIp | undefined => {
    const at = held.findIndex(fits);
    return at < 0 ? undefined : held.splice(at, 1)[0];
  };
  const chosen = requests.filter(({ address }) => address !== undefined);
  const kept: FixedIp[] = [];
  const wanted: AddressRequest[] = [];
  for (const request of [...chosen, ...requests.filter(({ address }) => address === undefined)]) {
    const { subnetId, address } = request;
    const ip = keep((one) => one.subnetId === subnetId && (address ?? one.address) === one.address);
    if (ip === undefined) wanted.push(request);
    else kept.push(ip);
  }
  await releaseAddresses(session, subnets, { fixedIps: held, at: Date.now() });
  const taken = await takeAddresses(session, subnets, wanted);
  await claimAddresses(session, subnets, { port: port.id, fixedIps: taken });
  return [...kept, ...taken];
}

async function deletePort(session: Session, id: PortId): Promise<boolean> {
  const [row] = await findLocked(session, { id });
  if (row === undefined) return false;
  const port = portOf(row);
  const subnets = await holdSubnets(session, subnetIdsOf(port.fixedIps));
  await releaseAddresses(session, subnets, { fixedIps: port.fixedIps, at: Date.now() });
  if (port.tags.length > 0) await dropTags(session, id);
  await remove(session, { id });
  await passMacOn(session, row.claimed_mac);
  await changeNetworkUsage(session, port.projectId, { resource: 'port', by: -1 });
  return true;
}

async function setGroups(
  session: Session,
  port: PortId,
  {
    before,
    after,
  }: { readonly before: readonly SecurityGroupId[]; readonly after: readonly SecurityGroupId[] },
): Promise<void> {
  if (before.length === after.length && before.every((group, at) => group === after[at])) return;
  if (before.length > 0) await leaveGroups(session, { port });
  const groups = [...new Set(after)];
  if (groups.length === 0) return;
  const joined = new Set((await joinGroups(session, { port, groups })).map(({ group_id }) => group_id));
  const missing = groups.find((group) => !joined.has(group));
  if (missing !== undefined)
    throw new Failure('not-found', `Security group ${missing} does not exist`, {
      type: 'SecurityGroupNotFound',
    });
}

function subnetIdsOf(of: readonly { readonly subnetId: SubnetId }[]): SubnetId[] {
  return of.map(({ subnetId }) => subnetId);
}
