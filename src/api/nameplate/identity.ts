import type { GivenIdentity } from '../../model/given-identity.ts';
import { cpuText, type RecordedCpu } from '../../model/guest-cpu.ts';
import type { ComputeHost } from '../../model/host.ts';
import type { HostName } from '../../model/ids.ts';
import { type DiskRole, hasScreen, type MachineIdentity } from '../../model/machine-identity.ts';
import type { Port } from '../../model/network/port.ts';
import type { SerialRecord } from '../../model/serial.ts';
import type { Server } from '../../model/server.ts';
import { timeOf } from '../../model/value-times.ts';
import { ledgerHeadOf } from '../../serial/ledger-entry.ts';
import { nextDefinition, type ValueChange } from '../../serial/next-definition.ts';
import { lastDecided } from '../../serial/serial-of-reading.ts';
import { hostIdOf } from '../compute/servers/view.ts';
import { decisionView, type SerialViewing } from './serial-view.ts';

/** A value that software in a guest may know its machine by. */
interface DecidedValue {
  readonly name: string;
  readonly value: string | null;
  /** `held`: no operation changes it. `decided`: decided anew with each definition. */
  readonly rule: 'held' | 'decided';
  readonly explanation: string;
  /** Where `value` is what the guest reads already: what was decided. */
  readonly decided?: string | null;
  /** Epoch milliseconds; null: not known. Absent: as the server's machine identity says. */
  readonly since?: number | null;
}

/** What an identity is shown from. */
export interface StoredIdentity {
  readonly server: Server;
  /** The server's ledger of serials, oldest first. */
  readonly records: readonly SerialRecord[];
  readonly ports: readonly Port[];
  /** The host that the server is on, if it has reported. */
  readonly host: ComputeHost | undefined;
}

/**
 * All values that a server's guest is known by: what it reads, what was decided and why, since when it is so,
 * and what waits for the next hard boot.
 */
export function identityValues(stored: StoredIdentity, isAdmin: boolean) {
  const { server, records, ports } = stored;
  const { machine } = server;
  const decided: DecidedValue[] = [
    {
      ...held('uuid', server.id, "The server's id, which is also its guest's system UUID."),
      since: server.createdAt,
    },
    ...serialValue(records, { isAdmin, projectId: server.projectId }),
    ...(machine === null ? [] : machineValues(machine, server.given)),
    ...cpuValue(machine?.cpu),
    ...ports.flatMap((port) => portValues(port, server)),
  ];
  const pending = pendingChanges(stored, isAdmin);
  return decided.map((value) => shownValue(value, { stored, pending }));
}

/** What the next hard boot would change. Owners see neither names nor settings of hosts. */
function pendingChanges({ server, records, ports, host }: StoredIdentity, isAdmin: boolean): ValueChange[] {
  if (host === undefined) return [];
  const known = { server, ports, current: ledgerHeadOf(records).current };
  if (isAdmin) return nextDefinition(known, host);
  const name = hostIdOf(server.projectId, host.name) as HostName;
  return nextDefinition(known, { ...host, name }).map((change) =>
    change.outcome === 'refuses' ? { ...change, why: REFUSED } : change,
  );
}

/** The text for owners, without settings of hosts. */
const REFUSED =
  'The host that the server is on cannot give the guest this value; its operator can mend that.';
const OUTSIDE =
  'The guest was started with this value, because its definition was changed outside of Nameplate.';

function shownValue(
  { since, ...value }: DecidedValue,
  { stored, pending }: { stored: StoredIdentity; pending: readonly ValueChange[] },
) {
  const { name, value: decided, explanation } = value;
  const { reads, machineTimes } = stored.server;
  const deviates = reads !== null && name in reads.values;
  const read = deviates ? (reads.values[name] ?? null) : decided;
  const at = deviates ? reads.since : since === undefined ? timeOf(machineTimes, name) : since;
  const change = pending.find((each) => each.name === name);
  return {
    decided,
    ...value,
    value: read,
    explanation: deviates ? `${OUTSIDE} Decided: ${explanation}` : explanation,
    since: at === null ? null : new Date(at).toISOString(),
    pending: change === undefined ? null : changeView(change),
  };
}

/** A change as an answer shows it, apart from the value's name. */
export function changeView({ outcome, value, why }: ValueChange) {
  return { outcome, value, why };
}

function held(name: string, value: string | null, explanation: string): DecidedValue {
  return { name, value, rule: 'held', explanation };
}

function serialValue(records: readonly SerialRecord[], viewing: SerialViewing): DecidedValue[] {
  const { current } = ledgerHeadOf(records);
  if (current === null) return [];
  const { serial: value, explanation } = decisionView(current, viewing);
  const first = records.findLastIndex(({ effect, serial }) => effect === 'booted' && serial !== value) + 1;
  const since = records.slice(first).find(({ effect }) => effect === 'booted')?.at ?? current.at;
  const decided = lastDecided(records)?.serial ?? null;
  return [{ name: 'serial', value, rule: 'decided', explanation, since, decided }];
}

const GIVEN = 'Given when the server was imported.';

function machineValues(machine: MachineIdentity, given: GivenIdentity | null): DecidedValue[] {
  const { smbios, machineType, diskSerials, addresses } = machine;
  const names = Object.entries(smbios ?? {}).map(([name, value]) =>
    held(
      `smbios.${name}`,
      value,
      given?.smbios ? GIVEN : 'Written into the SMBIOS system table by the first definition.',
    ),
  );
  const serials = Object.entries(diskSerials).map(([role, value]) =>
    held(
      `disk.${role}.serial`,
      value,
      given?.diskSerials[role as DiskRole] === value
        ? GIVEN
        : "Made from the server's id and the role of the disk.",
    ),
  );
  const places = Object.entries(addresses)
    .filter(([device]) => !device.startsWith('interface/'))
    .map(([device, value]) =>
      held(`${device.replace('/', '.')}.pci_address`, value, 'Assigned by libvirt at the first definition.'),
    );
  const type = held(
    'machine_type',
    machineType,
    given?.machineType === machineType ? GIVEN : 'The canonical machine type of the first definition.',
  );
  const screen = hasScreen(machine)
    ? held('screen', 'vnc', 'Every guest has one that release 0.1 did not define.')
    : held('screen', null, 'Release 0.1 defined the guest without one. A rebuild gives it one.');
  return [type, ...names, ...serials, ...places, screen];
}

function cpuValue(cpu: RecordedCpu | undefined): DecidedValue[] {
  if (cpu === undefined) return [];
  const { configured, held: isHeld, started } = cpu;
  const asked = configured === null ? '' : `, which asked for ${configured}`;
  const decided = `[libvirt] cpu_mode of the compute host${asked}.`;
  return [
    {
      name: 'cpu',
      value: started && cpuText(started),
      rule: isHeld ? 'held' : 'decided',
      explanation: isHeld
        ? `Read when the guest was first started. Later definitions repeat it ([libvirt] hold_cpu). Decided by ${decided}`
        : `Read when the guest was last started. Decided anew with each definition, by ${decided}`,
    },
  ];
}

function portValues({ id, mac, fixedIps, createdAt }: Port, server: Server): DecidedValue[] {
  const { machine, machineTimes } = server;
  const place = machine?.addresses[`interface/${mac}`];
  const claimed = [
    held(`port.${id}.mac_address`, mac, 'Claimed by the port; no other port has it.'),
    ...fixedIps.map(({ address }) =>
      held(`port.${id}.ip_address`, address, 'Claimed by the port in its subnet.'),
    ),
  ].map((value) => ({ ...value, since: createdAt }));
  if (place === undefined) return claimed;
  const why = 'Assigned by libvirt when the interface was first defined.';
  const since = timeOf(machineTimes, `interface.${mac}.pci_address`);
  return [...claimed, { ...held(`port.${id}.pci_address`, place, why), since }];
}
