import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { Failure } from '../../model/failure.ts';
import { type Applicant, FairQueue } from './fair-queue.ts';

/**
 * Maximum number of characters: longer passwords are refused before they are hashed (Keystone's
 * `max_password_length`).
 */
export const MAX_PASSWORD_LENGTH = 4096;

/** Memory in KiB, passes and lanes: OWASP's first recommendation for argon2id with limited memory. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Two hashes at once leave the other threads of libuv's pool of four to file access. */
const queue = new FairQueue({ running: 2, waiting: 512, waitingOfAddress: 64 });

/** Compared with instead of a missing hash. It costs the same, and never matches. */
const NOBODY = phc(Buffer.alloc(SALT_BYTES), Buffer.alloc(HASH_BYTES));

/**
 * Hashes a password with argon2id, in PHC format, off the main thread.
 * @throws {Failure} `invalid` when it is empty or too long, `too-many-requests` when too many jobs of the
 *   applicant are waiting
 */
export async function hashPassword(password: string, by: Applicant): Promise<string> {
  if (password === '') throw new Failure('invalid', 'A password has at least one character.');
  if (password.length > MAX_PASSWORD_LENGTH)
    throw new Failure('invalid', `A password has at most ${MAX_PASSWORD_LENGTH} characters.`);
  const nonce = randomBytes(SALT_BYTES);
  const tag = await derive({ message: password, nonce, tagLength: HASH_BYTES, ...COST }, by);
  return phc(nonce, tag);
}

/**
 * Whether a password matches a hash. Without a hash it does the same work and returns false, so that the
 * time does not reveal whether the user exists.
 * @throws {Failure} `too-many-requests` when too many jobs of the applicant are waiting
 */
export async function verifyPassword(
  password: string,
  stored: string | null,
  by: Applicant,
): Promise<boolean> {
  const parsed = parsePhc(stored ?? NOBODY) ?? parsePhc(NOBODY);
  if (parsed === undefined || password.length > MAX_PASSWORD_LENGTH) return false;
  const { expected, ...cost } = parsed;
  const tag = await derive({ message: password, tagLength: expected.length, ...cost }, by);
  // Older releases accepted an empty password.
  return timingSafeEqual(tag, expected) && stored !== null && password !== '';
}

/** Whether a hash is that of the empty password, which older releases accepted. */
export async function isHashOfNothing(stored: string, by: Applicant): Promise<boolean> {
  const parsed = parsePhc(stored);
  if (parsed === undefined) return false;
  const { expected, ...cost } = parsed;
  return timingSafeEqual(await derive({ message: '', tagLength: expected.length, ...cost }, by), expected);
}

function phc(salt: Buffer, tag: Buffer): string {
  const cost = `m=${COST.memory},t=${COST.passes},p=${COST.parallelism}`;
  return `$argon2id$v=19$${cost}$${unpadded(salt)}$${unpadded(tag)}`;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,})\$([A-Za-z0-9+/]{16,})$/;

function parsePhc(text: string) {
  const match = PHC.exec(text);
  if (match === null) return undefined;
  return {
    memory: Number(match[1]),
    passes: Number(match[2]),
    parallelism: Number(match[3]),
    nonce: Buffer.from(match[4] ?? '', 'base64'),
    expected: Buffer.from(match[5] ?? '', 'base64'),
  };
}

function derive(parameters: Argon2Parameters, by: Applicant): Promise<Buffer> {
  return queue.run(
    by,
    () =>
      new Promise((resolve, reject) => {
        argon2('argon2id', parameters, (error, tag) => (error === null ? resolve(tag) : reject(error)));
      }),
  );
}
