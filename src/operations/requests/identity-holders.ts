import { type ChosenIdentity, possibleDiskSerials } from '../../model/given-identity.ts';
import { isUuid, type ProjectId, type ServerId } from '../../model/ids.ts';
import { serialOfHardware, serialOfMachineId } from '../../serial/host-identity.ts';
import type { Queries } from '../../store/promise/store.ts';

/** A value of a chosen identity that something else has. */
export interface IdentityHolder {
  /** `id`, `serial`, `disk_serial` or `mac_address` */
  readonly name: string;
  readonly value: string;
  readonly kind: 'server' | 'port' | 'host' | 'domain';
  /** Names the holder and its id. */
  readonly holder: string;
}

/** Ports that one refusal names, at most. */
const MOST_PORTS = 10;

type Reads = Pick<Queries, 'servers' | 'serials' | 'hosts' | 'ports' | 'identityClaims'>;

/**
 * Who has values of this identity now: servers that are not deleted, ports, and hosts. An import in the same
 * transaction is then alone with its values.
 * @param projectId of the server that is to be imported
 */
export async function identityHolders(
  reads: Reads,
  { id, given, macs }: ChosenIdentity,
  projectId: ProjectId,
): Promise<IdentityHolder[]> {
  return [
    ...(id === null ? [] : await holdersOfId(reads, id, projectId)),
    ...(typeof given.serial === 'string' ? await holdersOfSerial(reads, id, given.serial) : []),
    ...(await holdersOfDiskSerials(reads, id, possibleDiskSerials(id, given))),
    ...(await holdersOfMacs(reads, macs)),
  ];
}

/** The history of a deleted server is shown to its project, so its id does not go to another one. */
async function holdersOfId(reads: Reads, id: ServerId, projectId: ProjectId): Promise<IdentityHolder[]> {
  const same = await reads.servers.find(id);
  const named = (kind: IdentityHolder['kind'], holder: string) => ({ name: 'id', value: id, kind, holder });
  if (same !== undefined && same.vmState !== 'deleted') return [named('server', `server ${id}`)];
  const serials = await holdersOfSerial(reads, id, id);
  // Compute shows a server the ports that name it.
  const ports = await reads.ports.list({ deviceIds: [id] }, { limit: MOST_PORTS });
  const others = same === undefined || same.projectId === projectId ? [] : [same.projectId];
  return [
    ...serials.map(({ kind, holder }) => named(kind, `the serial of ${holder}`)),
    ...ports.map((port) => named('port', `the device_id of port ${port.id}`)),
    ...others.map((other) =>
      named(
        'server',
        `a deleted server of another project, ${other} (import it there, or remove its rows first: nameplate db purge),`,
      ),
    ),
  ];
}

async function holdersOfSerial(
  { servers, serials, hosts, identityClaims }: Reads,
  id: ServerId | null,
  serial: string,
): Promise<IdentityHolder[]> {
  const lower = serial.toLowerCase();
  // A UUID is the same in any case, as its server's id it is in lower case.
  const spellings = isUuid(lower) ? [...new Set([serial, lower, lower.toUpperCase()])] : [serial];
  const claimed = (await identityClaims.of('serial', spellings)).map(({ serverId }) => serverId);
  const named = await servers.findMany([lower as ServerId]);
  const living = named.filter(({ vmState }) => vmState !== 'deleted').map((server) => server.id);
  const had = await identityClaims.bootedWith(serial);
  const standings = await serials.standingsOf(had);
  const has = had.filter((server) => standings.get(server)?.current?.serial === serial);
  const found = new Set([...claimed, ...living, ...has].filter((server) => server !== id));
  const ofHosts = (await hosts.list()).filter(({ machineId, hardwareUuid }) => {
    const read = serialOfMachineId(machineId);
    const hardware = serialOfHardware({ hardwareUuid });
    return (read.ok && read.serial === lower) || (hardware.ok && hardware.serial?.toLowerCase() === lower);
  });
  return [
    ...[...found].map((server) => ({ kind: 'server' as const, holder: `server ${server}` })),
    ...ofHosts.map(({ name }) => ({ kind: 'host' as const, holder: `compute host ${name}` })),
  ].map((holder) => ({ name: 'serial', value: serial, ...holder }));
}

/** What `diskSerialOf` makes begins with 16 digits of the server's id. */
const MADE = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})(?:root|eph0|swap|conf)$/;

async function holdersOfDiskSerials(
  { identityClaims }: Reads,
  id: ServerId | null,
  values: readonly string[],
): Promise<IdentityHolder[]> {
  const named = (value: string, server: ServerId) => ({
    ...{ name: 'disk_serial', value, kind: 'server' as const, holder: `server ${server}` },
  });
  const claims = await identityClaims.of('disk-serial', values);
  const holders = claims.map(({ value, serverId }) => named(value, serverId));
  for (const value of values) {
    const [, ...parts] = MADE.exec(value) ?? [];
    if (parts.length === 0) continue;
    for (const other of await identityClaims.withIdPrefix(parts.join('-')))
      if (other !== id) holders.push(named(value, other));
  }
  return holders;
}

async function holdersOfMacs({ ports }: Reads, macs: readonly string[]): Promise<IdentityHolder[]> {
  if (macs.length === 0) return [];
  const found = await ports.list({ macs }, { limit: macs.length });
  return found.map((port) => ({
    name: 'mac_address',
    value: port.mac,
    kind: 'port',
    holder: port.deviceId === '' ? `port ${port.id}` : `port ${port.id} of server ${port.deviceId}`,
  }));
}
