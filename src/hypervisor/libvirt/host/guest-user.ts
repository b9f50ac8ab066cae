import { mayUser } from './as-user.ts';
import type { Capabilities } from './capabilities.ts';

/**
 * Whom guests have to run as so that they reach their files in `directory`.
 * @returns null to leave it to libvirt; `+0:+0` when its user cannot come in and we are root, as in root's
 * own home.
 */
export async function guestUser(directory: string, { qemuUser }: Capabilities): Promise<string | null> {
  if (qemuUser === null || qemuUser.uid === 0 || process.getuid?.() !== 0) return null;
  return (await mayUser(qemuUser, 'x', directory)) ? null : '+0:+0';
}
