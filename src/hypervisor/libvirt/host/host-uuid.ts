import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { readState } from '../../../files/read-state.ts';
import { serialOfMachineId } from '../../../serial/host-identity.ts';
import { writeOnce } from '../files/durable-file.ts';

const DMI_UUID = '/sys/class/dmi/id/product_uuid';
const MACHINE_ID = '/etc/machine-id';
/** Configurations of external daemons that may set a host UUID. */
const DAEMON_CONFIGS = ['/etc/libvirt/libvirtd.conf', '/etc/libvirt/virtqemud.conf'];

/**
 * Whether the machine's SMBIOS table has a UUID that libvirt accepts (virUUIDIsValid: not one digit
 * throughout).
 */
export async function hasHardwareUuid(): Promise<boolean> {
  const text = (await readFile(DMI_UUID, 'utf8').catch(() => '')).trim().replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(text) && new Set(text).size > 1;
}

/**
 * A UUID for a host whose hardware has none: libvirt would generate another one at each start. It is stored
 * in a file. It is derived from the machine-id and the host's name, so that it stays the same if the file is
 * lost; on a machine without machine-id it is random.
 * @throws {Failure} when the file has no UUID
 */
export async function persistentHostUuid(directory: string): Promise<{ uuid: string; path: string }> {
  const path = join(directory, 'host-uuid');
  await writeOnce(path, `${await newHostUuid()}\n`);
  const uuid = await readState(path, {
    parse: (text) =>
      /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text.trim()) ? text.trim() : undefined,
    remedy:
      "write this host's UUID into it, as `nameplate host list` and guests' serials have it, or delete it if no guest was ever made here",
  });
  return { uuid: uuid as string, path };
}

/**
 * Whether an external daemon uses another host UUID at each of its starts, because neither the hardware nor
 * its configuration has one.
 */
export async function isHostUuidTransient(): Promise<boolean> {
  if (await hasHardwareUuid()) return false;
  const configs = await Promise.all(DAEMON_CONFIGS.map((path) => readFile(path, 'utf8').catch(() => '')));
  return !configs.some((text) => /^\s*host_uuid(?:_source)?\s*=/m.test(text));
}

async function newHostUuid(): Promise<string> {
  const text = await readFile(MACHINE_ID, 'utf8').catch(() => '');
  const machine = serialOfMachineId({ state: 'read', file: MACHINE_ID, text });
  return machine.ok ? uuidFor(machine.serial, hostname()) : randomUUID();
}

/**
 * A UUID (version 8, RFC 9562) that is the same for the same machine-id and host name, and reveals neither.
 * Pure.
 */
export function uuidFor(machineId: string, name: string): string {
  const digits = createHash('sha256').update(`nameplate host uuid\0${machineId}\0${name}`).digest('hex');
  const variant = '89ab'[Number.parseInt(digits.charAt(16), 16) % 4];
  const parts = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
  ];
  return [...parts, digits.slice(20, 32)].join('-');
}
