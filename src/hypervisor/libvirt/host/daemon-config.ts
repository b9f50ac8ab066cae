import { join } from 'node:path';
import { writeWhole } from '../../../files/whole-file.ts';
import type { Log } from '../../../model/log.ts';
import { hasHardwareUuid, persistentHostUuid } from './host-uuid.ts';

/**
 * Writes the `libvirtd.conf` of a daemon for this service: only its own user, no network, its log beside it.
 */
export async function writeDaemonConfig(directory: string, log: Log): Promise<void> {
  const lines = [
    'auth_unix_ro = "none"',
    'auth_unix_rw = "none"',
    'unix_sock_ro_perms = "0700"',
    'unix_sock_rw_perms = "0700"',
    // Of its first five workers, calls that come two at a time find none free; libvirtd 9.0 then never adds
    // one.
    'min_workers = 20',
    `log_outputs = "3:file:${join(directory, 'libvirtd.log')}"`,
  ];
  if (!(await hasHardwareUuid())) {
    const { uuid, path } = await persistentHostUuid(directory);
    lines.push(`host_uuid = "${uuid}"`);
    log('host-uuid-kept', { uuid, path });
  }
  await writeWhole(join(directory, 'libvirtd.conf'), `${lines.join('\n')}\n`);
}
