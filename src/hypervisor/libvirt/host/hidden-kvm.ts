import { readFile } from 'node:fs/promises';
import { exists } from '../disks/durable-file.ts';
import { mayUser, type UserNumbers } from './as-user.ts';

const DEVICE = '/dev/kvm';
/** Whom distributions have QEMU run as. */
const QEMU_USERS = ['libvirt-qemu', 'qemu'];

/**
 * Whether libvirt must not see KVM's device: when QEMU's user may not open it. libvirt finds out as root that KVM is there, then
 * that guests cannot have it, holds what it knows of QEMU for outdated, and asks QEMU anew at every turn: seconds for each definition.
 */
export async function shouldHideKvm(): Promise<boolean> {
  if (!(await exists(DEVICE))) return false;
  const user = await qemuUser();
  return user !== undefined && !(await mayUser(user, 'w', DEVICE));
}

async function qemuUser(): Promise<UserNumbers | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of QEMU_USERS) {
    const fields = lines.find((candidate) => candidate[0] === name);
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  return undefined;
}
