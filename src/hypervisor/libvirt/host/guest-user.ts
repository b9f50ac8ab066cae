import { execFile } from 'node:child_process';
import type { Capabilities } from './capabilities.ts';

/** Whether the user of another process may pass through a directory, access lists included: asked of the kernel, in its place. */
async function canPass(directory: string, user: { uid: number; gid: number }): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('test', ['-x', directory], { ...user, cwd: '/' }, (error) => resolve(error === null));
  });
}

/**
 * Whom guests have to run as so that they reach their files in `directory`.
 * @returns null to leave it to libvirt; `+0:+0` when its user cannot come in and we are root, as in root's own home.
 */
export async function guestUser(directory: string, { qemuUser }: Capabilities): Promise<string | null> {
  if (qemuUser === null || process.getuid?.() !== 0) return null;
  if (await canPass(directory, qemuUser)) return null;
  return '+0:+0';
}
