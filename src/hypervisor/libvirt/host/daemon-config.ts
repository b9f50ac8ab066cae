import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readState } from '../../../files/read-state.ts';
import { writeWhole } from '../../../files/whole-file.ts';
import { writeOnce } from '../disks/durable-file.ts';

const DMI_UUID = '/sys/class/dmi/id/product_uuid';

/** The UUID of the machine's own SMBIOS table, or undefined when it has none that says something. */
async function hasHardwareUuid(): Promise<boolean> {
  const text = (await readFile(DMI_UUID, 'utf8').catch(() => '')).trim().replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(text) && new Set(text).size > 1;
}

/** A UUID for a host whose hardware has none: libvirt would make up another at each start. */
async function lastingHostUuid(directory: string): Promise<string> {
  const path = join(directory, 'host-uuid');
  await writeOnce(path, `${randomUUID()}\n`);
  const uuid = await readState(path, {
    parse: (text) =>
      /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text.trim()) ? text.trim() : undefined,
    remedy:
      "write this host's UUID into it, as `nameplate host list` and guests' serials have it, or delete it if no guest was ever made here",
  });
  return uuid as string;
}

/** Writes the `libvirtd.conf` of a daemon for this service: only its own user, no network, its log beside it. */
export async function writeDaemonConfig(directory: string): Promise<void> {
  const lines = [
    'auth_unix_ro = "none"',
    'auth_unix_rw = "none"',
    'unix_sock_ro_perms = "0700"',
    'unix_sock_rw_perms = "0700"',
    // Of its first five workers, calls that come two at a time find none free; libvirtd 9.0 then never adds one.
    'min_workers = 20',
    `log_outputs = "3:file:${join(directory, 'libvirtd.log')}"`,
  ];
  if (!(await hasHardwareUuid())) lines.push(`host_uuid = "${await lastingHostUuid(directory)}"`);
  await writeWhole(join(directory, 'libvirtd.conf'), `${lines.join('\n')}\n`);
}
