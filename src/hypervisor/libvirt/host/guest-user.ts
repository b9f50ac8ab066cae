import { mayUser } from './as-user.ts';
import type { Capabilities } from './capabilities.ts';

/**
 * The user as which guests must run to reach their files in `directory`.
 * @returns null to leave it to libvirt; `+0:+0` when libvirt's user cannot enter the directory, as in root's
 *   own home, and the agent is root
 */
export async function guestUser(directory: string, { qemuUser }: Capabilities): Promise<string | null> {
  if (qemuUser === null || qemuUser.uid === 0 || process.getuid?.() !== 0) return null;
  return (await mayUser(qemuUser, 'x', directory)) ? null : '+0:+0';
}
