import { cpuText, type GuestCpu } from './guest-cpu.ts';
import type { GuestReading, IdentityValues } from './guest-reading.ts';
import { DISK_ROLES, type DiskRole, type MachineIdentity } from './machine-identity.ts';
import type { PortId } from './network/network-ids.ts';
import type { Server } from './server.ts';
import { allValues } from './value-times.ts';

/** A port as far as its guest knows it. */
export interface KnownPort {
  readonly id: PortId;
  readonly mac: string;
}

/** The server's part of its record. */
export type RecordedServer = Pick<Server, 'id' | 'machine' | 'configDrive'> & {
  readonly flavor: Pick<Server['flavor'], 'ephemeralGb' | 'swapMb'>;
};

/**
 * The values that a server is known by, apart from its serial and its IP addresses, as its record and its
 * ports have them. Little is known of a server that has not been defined.
 */
export function recordedValues(server: RecordedServer, ports: readonly KnownPort[]): IdentityValues {
  const { id, machine } = server;
  return {
    uuid: id,
    ...(machine === null ? {} : machineValues(machine, diskRolesOf(server))),
    ...Object.fromEntries(ports.map((port) => [macName(port), port.mac])),
    ...Object.fromEntries(
      ports.flatMap((port) => {
        const place = machine?.addresses[`interface/${port.mac}`];
        return place === undefined ? [] : [[`port.${port.id}.pci_address`, place]];
      }),
    ),
  };
}

/**
 * What a guest reads in the place of its record. A value that the record has no more, as of a port that was
 * detached since, is left out.
 */
export function readInstead({ reads }: Pick<Server, 'reads'>, recorded: IdentityValues): IdentityValues {
  return Object.fromEntries(Object.entries(reads?.values ?? {}).filter(([name]) => name in recorded));
}

/**
 * The values in which what a guest reads differs from the record; null where nothing does. The place of a
 * device that the guest does not have is not compared.
 */
export function deviatingValues(
  server: RecordedServer,
  ports: readonly KnownPort[],
  { uuid, macs, machine, cpu }: GuestReading,
): IdentityValues | null {
  const recorded = recordedValues(server, ports);
  const missing = ports.filter(({ mac }) => !macs.includes(mac));
  const unknown = macs.filter((mac) => !ports.some((port) => port.mac === mac));
  const read: IdentityValues = {
    ...recordedValues({ ...server, machine: withCpu(machine, cpu) }, ports),
    uuid,
    ...Object.fromEntries(missing.map((port, index) => [macName(port), unknown[index] ?? null])),
  };
  const other = Object.keys(recorded).filter(
    (name) =>
      recorded[name] !== (read[name] ?? null) && !(name.endsWith('.pci_address') && read[name] === undefined),
  );
  return other.length === 0 ? null : Object.fromEntries(other.map((name) => [name, read[name] ?? null]));
}

/** The identity as it would be recorded of a guest that was started with this CPU. */
function withCpu(machine: MachineIdentity, cpu: GuestCpu | null | undefined): MachineIdentity {
  return cpu ? { ...machine, cpu: { configured: null, held: true, started: cpu } } : machine;
}

/**
 * The identity with the CPU that the guest was started with; undefined: it is recorded already. A CPU that is
 * held stays recorded, whatever the guest was started with.
 */
export function withReadCpu(
  machine: MachineIdentity | null,
  { cpu }: GuestReading,
): MachineIdentity | undefined {
  if (machine === null || !cpu) return undefined;
  const { configured = null, held = false, started = null } = machine.cpu ?? {};
  if (started !== null && (held || cpuText(started) === cpuText(cpu))) return undefined;
  return { ...machine, cpu: { configured, held, started: cpu } };
}

function macName({ id }: KnownPort): string {
  return `port.${id}.mac_address`;
}

/** The disks that the server has now: a record also keeps those that a resize took away. */
function diskRolesOf({ flavor, configDrive }: RecordedServer): readonly DiskRole[] {
  const has: Readonly<Record<DiskRole, boolean>> = {
    root: true,
    ephemeral: flavor.ephemeralGb > 0,
    swap: flavor.swapMb > 0,
    config: configDrive,
  };
  return DISK_ROLES.filter((role) => has[role]);
}

function machineValues(machine: MachineIdentity, roles: readonly DiskRole[]): IdentityValues {
  const isHere = (name: string) => {
    const [kind, device] = name.split('.');
    if (kind === 'cpu') return machine.cpu?.held === true;
    return kind !== 'interface' && (kind !== 'disk' || roles.some((role) => role === device));
  };
  return {
    ...Object.fromEntries(roles.map((role) => [`disk.${role}.serial`, null])),
    ...Object.fromEntries(Object.entries(allValues(machine)).filter(([name]) => isHere(name))),
  };
}
