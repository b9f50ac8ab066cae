import { Failure } from '../../model/failure.ts';
import type { User } from '../../model/identity.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import type { Applicant } from './fair-queue.ts';
import { verifyPassword } from './password.ts';
import { unauthenticated } from './refusals.ts';

type Parts = Pick<ApiDependencies, 'store' | 'now' | 'config'>;

/**
 * Checks a user's password, and counts failures if `[security_compliance] lockout_failure_attempts` is set
 * (keystone/identity/backends/sql.py authenticate). For an unknown user it computes the same hash as for a
 * wrong password.
 * @throws {Failure} `unauthenticated`, with Keystone's text when the account is locked
 */
export async function checkPassword(
  parts: Parts,
  of: { readonly user: User | undefined; readonly password: string; readonly by: Applicant },
): Promise<User> {
  const { user, password, by } = of;
  if (user !== undefined) await refuseLocked(parts, user);
  const right = await verifyPassword(password, user?.passwordHash ?? null, by);
  if (user === undefined) throw unauthenticated();
  if (!right) {
    await countFailure(parts, user);
    throw unauthenticated();
  }
  // Checked again, because concurrent guesses may have locked the account meanwhile. They get no additional
  // tries.
  if (await refuseLocked(parts, user)) await parts.store.failedLogins.clear(user.id);
  return user;
}

/** @returns whether failures are on record @throws {Failure} `unauthenticated` while the account is locked */
async function refuseLocked({ store, now, config }: Parts, user: User): Promise<boolean> {
  const { lockout_failure_attempts: most, lockout_duration } = config.security_compliance;
  if (most === undefined) return false;
  const failed = await store.failedLogins.of(user.id);
  if (failed === undefined) return false;
  if (failed.count < most) return true;
  if (failed.lastAt + lockout_duration * 1000 > now())
    throw new Failure('unauthenticated', `The account is locked for user: ${user.id}.`);
  await store.failedLogins.clear(user.id);
  return false;
}

async function countFailure({ store, now, config }: Parts, user: User): Promise<void> {
  if (config.security_compliance.lockout_failure_attempts === undefined) return;
  await store.failedLogins.add(user.id, now());
}
