import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readState } from '../files/read-state.ts';
import { writeWhole } from '../files/whole-file.ts';

/** The password of the user `admin`, as a state directory has it. */
export interface AdminPassword {
  readonly password: string;
  /** Whether it was made now: then it is the user's only if this start makes that user. */
  readonly isNew: boolean;
}

const fileIn = (stateDir: string) => join(stateDir, 'admin-password');

/**
 * The admin password of a state directory: made on the first run, readable by its owner alone, and never
 * logged.
 * @throws {Failure} `unavailable` when the file cannot be read or written, is empty or damaged
 */
export async function adminPassword(stateDir: string): Promise<AdminPassword> {
  const path = fileIn(stateDir);
  const found = await readState(path, {
    parse: passwordOf,
    remedy:
      'write the password of the user admin into it, or delete it if a first start failed and there is no such user yet',
  });
  if (found !== undefined) return { password: found, isNew: false };
  const password = randomBytes(24).toString('base64url');
  await writeWhole(path, `${password}\n`);
  return { password, isNew: true };
}

/** Takes away a password that was made for nobody: the user has another, which is not known here. */
export async function forgetAdminPassword(stateDir: string): Promise<void> {
  await rm(fileIn(stateDir), { force: true });
}

/** One line, without control characters. */
function passwordOf(text: string): string | undefined {
  const password = text.trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return password === '' || /[\x00-\x1f\x7f\ufffd]/.test(password) ? undefined : password;
}
