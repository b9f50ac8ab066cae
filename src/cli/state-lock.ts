import { Failure } from '../model/failure.ts';
import { lockFolder } from '../store/sqlite/sqlite-lock.ts';

/**
 * Locks a state directory for this process, until it unlocks it or ends.
 * @throws {Failure} `conflict` when another process has the lock, `unavailable` when the directory cannot be
 *   used
 */
export function lockState(stateDir: string): () => void {
  const unlock = lockFolder(stateDir);
  if (unlock !== undefined) return unlock;
  throw new Failure(
    'conflict',
    `Another nameplate is running on the state directory ${stateDir}: stop it first, or name another with --state-dir.`,
  );
}
