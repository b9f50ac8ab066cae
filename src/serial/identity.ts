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
}

/** The identity that a host's agent last reported: what the control plane decides with, to explain and to preview. */
export function reportedIdentity(
  host: Pick<ComputeHost, 'name' | 'serialOption' | 'machineId' | 'hardwareUuid'>,
): HostIdentity {
  const { name, serialOption: option, machineId, hardwareUuid } = host;
  return { host: name, option, machineId, hardwareUuid };
}

/** A machine-id as a serial, or the sentence why it cannot be one. */
export type MachineSerial =
  | { readonly ok: true; readonly serial: string }
  | { readonly ok: false; readonly why: string };

const HEX_32 = /^[0-9a-f]{32}$/;
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
  if (DASHED.test(lower)) return { ok: true, serial: lower };
  if (!HEX_32.test(lower))
    return { ok: false, why: `${reading.file} holds '${word.slice(0, 64)}'; ${ACCEPTED}` };
  const cut = [
    lower.slice(0, 8),
    lower.slice(8, 12),
    lower.slice(12, 16),
    lower.slice(16, 20),
    lower.slice(20),
  ];
  return { ok: true, serial: cut.join('-') };
}

/**
 * What is wrong with the host's own serial source, for its agent to say when it starts; undefined when guests can be given what the option names.
 * Under `auto` a missing file is no fault: the hardware UUID stands in.
 */
export function identityFault(identity: HostIdentity): string | undefined {
  const { option, machineId } = identity;
  const usesMachineId =
    option === 'os' || ((option === 'auto' || option === 'unique') && machineId.state !== 'absent');
  if (!usesMachineId) return undefined;
  const read = serialOfMachineId(machineId);
  return read.ok ? undefined : `[libvirt] sysinfo_serial = ${option}: ${read.why}`;
}
