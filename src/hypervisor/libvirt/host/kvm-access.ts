import { chmod, chown, readFile } from 'node:fs/promises';
import type { Log } from '../../../model/log.ts';
import { exists } from '../files/durable-file.ts';
import { mayUser, type UserNumbers } from './as-user.ts';

const DEVICE = '/dev/kvm';
const GROUP = 'kvm';
/** The users of QEMU in distributions. */
const QEMU_USERS = ['libvirt-qemu', 'qemu'];

/**
 * Gives KVM's device to the group `kvm`, as udev does (50-udev-default.rules), if udev did not and QEMU's
 * user cannot open it. Otherwise libvirt, as root, finds KVM, then finds that guests cannot use it, and
 * takes its cached capabilities for outdated. It then probes QEMU again and again, which takes several
 * seconds for each definition.
 */
export async function grantKvm(log: Log): Promise<void> {
  if (!(await exists(DEVICE))) return;
  const user = await qemuUser();
  const group = await numberIn('/etc/group', GROUP);
  if (user === undefined || group === undefined || (await mayUser(user, 'w', DEVICE))) return;
  await chown(DEVICE, 0, group);
  await chmod(DEVICE, 0o660);
  log('kvm-granted', { device: DEVICE, group: GROUP });
}

async function numberIn(file: string, name: string): Promise<number | undefined> {
  const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.split(':'));
  const number = lines.find((fields) => fields[0] === name)?.[2];
  return number === undefined ? undefined : Number(number);
}

async function qemuUser(): Promise<UserNumbers | undefined> {
  for (const name of QEMU_USERS) {
    const uid = await numberIn('/etc/passwd', name);
    if (uid !== undefined) return { uid, gid: (await numberIn('/etc/group', name)) ?? uid };
  }
  return undefined;
}
