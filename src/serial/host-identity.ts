import type { ComputeHost, MachineIdReading } from '../model/host.ts';
import type { HostName } from '../model/ids.ts';
import type { SerialOption } from './policy.ts';

/** A compute host's inputs to a decision. */
export interface HostIdentity {
  readonly host: HostName;
  readonly option: SerialOption;
  readonly machineId: MachineIdReading;
  /** The host UUID in libvirt's capabilities; null when it has none. */
  readonly hardwareUuid: string | null;
  /** The host's architecture if its guests have no SMBIOS table; otherwise absent. */
  readonly withoutSmbios?: string | undefined;
}

/** The fields of a host report that form its identity. */
export type ReportedHost = Pick<
  ComputeHost,
  'name' | 'serialOption' | 'machineId' | 'hardwareUuid' | 'givesSerial' | 'arch'
>;

/** The host identity of the agent's last report, with which the control plane explains and previews. */
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

/** A machine-id as a serial, or the reason why it cannot be one. */
export type MachineSerial =
  | { readonly ok: true; readonly serial: string }
  | { readonly ok: false; readonly why: string };

const HEX_32 = /^[0-9a-f]{32}$/;
/**
 * One digit 32 times: the file of an unconfigured image, or a wiped file. It identifies no machine, and
 * libvirt rejects such a UUID.
 */
const ONE_DIGIT = /^(.)\1{31}$/;
const DASHED = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/;
const ACCEPTED = 'it must hold 32 hexadecimal digits, with or without the dashes of a UUID';

/**
 * The first word of the machine-id file in the form 8-4-4-4-12, lower case (nova/virt/libvirt/driver.py
 * _get_host_sysinfo_serial_os, https://www.freedesktop.org/software/systemd/man/machine-id.html).
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

/**
 * The host UUID as a serial; null where the host has none. One digit 32 times is malformed, as in a
 * machine-id.
 */
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
 * What is wrong with the host's serial source, for the agent to log at its start; undefined when the option
 * can be followed. Under `auto` a missing file is no fault: the hardware UUID is used instead.
 */
export function identityFault(identity: HostIdentity): string | undefined {
  const { option } = identity;
  if (option === 'none' || identity.withoutSmbios !== undefined) return undefined;
  const source = usesMachineId(option, identity)
    ? serialOfMachineId(identity.machineId)
    : serialOfHardware(identity);
  return source.ok ? undefined : `[libvirt] sysinfo_serial = ${option}: ${source.why}`;
}

/** Whether this option uses the machine-id, and not the hardware UUID. */
export function usesMachineId(
  option: Exclude<SerialOption, 'none'>,
  { machineId }: Pick<HostIdentity, 'machineId'>,
): boolean {
  return option === 'os' || (option !== 'hardware' && machineId.state !== 'absent');
}
