import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readState } from '../files/read-state.ts';
import { writeWhole } from '../files/whole-file.ts';

/** The password of the user `admin` in a state directory. */
export interface AdminPassword {
  readonly password: string;
  /** Whether this call generated it. It is then valid only if this start creates the user. */
  readonly isNew: boolean;
}

const fileIn = (stateDir: string) => join(stateDir, 'admin-password');

/**
 * The admin password of a state directory. The first run generates it; only its owner can read it, and it is
 * never logged.
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

/**
 * Removes a generated password that is not in use: the user `admin` has another one, which this service does
 * not know.
 */
export async function forgetAdminPassword(stateDir: string): Promise<void> {
  await rm(fileIn(stateDir), { force: true });
}

/** A password is one line without control characters. */
function passwordOf(text: string): string | undefined {
  const password = text.trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return password === '' || /[\x00-\x1f\x7f\ufffd]/.test(password) ? undefined : password;
}
