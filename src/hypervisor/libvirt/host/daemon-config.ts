import { join } from 'node:path';
import { writeWhole } from '../../../files/whole-file.ts';
import type { Log } from '../../../model/log.ts';
import { hasHardwareUuid, persistentHostUuid } from './host-uuid.ts';

/**
 * Writes the `libvirtd.conf` of a daemon for this service: only its own user may connect, not over the
 * network, and its log is in the same directory.
 */
export async function writeDaemonConfig(directory: string, log: Log): Promise<void> {
  const lines = [
    'auth_unix_ro = "none"',
    'auth_unix_rw = "none"',
    'unix_sock_ro_perms = "0700"',
    'unix_sock_rw_perms = "0700"',
    // With libvirtd 9.0's default of five workers, two concurrent calls may find none free, and no worker is
    // added.
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
