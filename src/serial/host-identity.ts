import type { ComputeHost, MachineIdReading } from '../model/host.ts';
import type { HostName } from '../model/ids.ts';
import type { SerialOption } from './policy.ts';

/** What a compute host brings to the decision. */
export interface HostIdentity {
  readonly host: HostName;
  readonly option: SerialOption;
  readonly machineId: MachineIdReading;
  /** The host UUID in libvirt's capabilities; null when it has none. */
  readonly hardwareUuid: string | null;
  /** The host's architecture, where its guests have no SMBIOS table to hold a serial; absent where they have one. */
  readonly withoutSmbios?: string | undefined;
}

/** What of a host's report makes its identity. */
export type ReportedHost = Pick<
  ComputeHost,
  'name' | 'serialOption' | 'machineId' | 'hardwareUuid' | 'givesSerial' | 'arch'
>;

/** The identity that a host's agent last reported: what the control plane decides with, to explain and to preview. */
export function reportedHostIdentity(host: ReportedHost): HostIdentity {
  const { name, serialOption: option, machineId, hardwareUuid } = host;
  return { host: name, option, machineId, hardwareUuid, withoutSmbios: withoutSmbios(host) };
}

export function withoutSmbios({
  givesSerial,
  arch,
}: Pick<ComputeHost, 'givesSerial' | 'arch'>): string | undefined {
  return givesSerial ? undefined : arch;
}

/** A machine-id as a serial, or the sentence why it cannot be one. */
export type MachineSerial =
  | { readonly ok: true; readonly serial: string }
  | { readonly ok: false; readonly why: string };

const HEX_32 = /^[0-9a-f]{32}$/;
/** An image that was never set up, a wiped file: it says nothing of the machine, and libvirt takes no such UUID either. */
const ONE_DIGIT = /^(.)\1{31}$/;
const DASHED = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/;
const ACCEPTED = 'it must hold 32 hexadecimal digits, with or without the dashes of a UUID';

/**
 * The machine-id file's first word, written 8-4-4-4-12 in lower case
 * (nova/virt/libvirt/driver.py _get_host_sysinfo_serial_os, https://www.freedesktop.org/software/systemd/man/machine-id.html).
 */
export function serialOfMachineId(reading: MachineIdReading): MachineSerial {
  if (reading.state === 'absent') return { ok: false, why: `${reading.file} does not exist` };
  if (reading.state === 'unreadable')
    return { ok: false, why: `${reading.file} cannot be read: ${reading.why}` };
  const word = reading.text.trim().split(/\s+/)[0] ?? '';
  if (word === '') return { ok: false, why: `${reading.file} is empty; ${ACCEPTED}` };
  const lower = word.toLowerCase();
  const digits = DASHED.test(lower) ? lower.replaceAll('-', '') : lower;
  if (HEX_32.test(digits) && !ONE_DIGIT.test(digits)) return { ok: true, serial: dashed(digits) };
  return { ok: false, why: `${reading.file} holds ${describeMalformed(word)}` };
}

function describeMalformed(word: string): string {
  const digits = word.replaceAll('-', '');
  return `'${word.slice(0, 64)}'${ONE_DIGIT.test(digits) ? ', one digit throughout' : ''}; ${ACCEPTED}`;
}

/** The host UUID as a serial: null where the host has none. One digit 32 times is as malformed as in a machine-id. */
export function serialOfHardware({
  hardwareUuid,
}: Pick<HostIdentity, 'hardwareUuid'>):
  | { readonly ok: true; readonly serial: string | null }
  | MachineSerial {
  if (hardwareUuid === null) return { ok: true, serial: null };
  const digits = hardwareUuid.toLowerCase().replaceAll('-', '');
  if (!HEX_32.test(digits) || ONE_DIGIT.test(digits))
    return {
      ok: false,
      why: `the host UUID in libvirt's capabilities is ${describeMalformed(hardwareUuid)}`,
    };
  return { ok: true, serial: hardwareUuid };
}

function dashed(digits: string): string {
  return [8, 12, 16, 20, 32].map((end, at, ends) => digits.slice(ends[at - 1] ?? 0, end)).join('-');
}

/**
 * What is wrong with the host's own serial source, for its agent to say when it starts; undefined when guests can be given what the option names.
 * Under `auto` a missing file is no fault: the hardware UUID stands in.
 */
export function identityFault(identity: HostIdentity): string | undefined {
  const { option } = identity;
  if (option === 'none' || identity.withoutSmbios !== undefined) return undefined;
  const source = usesMachineId(option, identity)
    ? serialOfMachineId(identity.machineId)
    : serialOfHardware(identity);
  return source.ok ? undefined : `[libvirt] sysinfo_serial = ${option}: ${source.why}`;
}

/** Whether the host's own serial is its machine-id under this option, and not its hardware UUID. */
export function usesMachineId(
  option: Exclude<SerialOption, 'none'>,
  { machineId }: Pick<HostIdentity, 'machineId'>,
): boolean {
  return option === 'os' || (option !== 'hardware' && machineId.state !== 'absent');
}
