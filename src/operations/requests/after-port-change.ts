import { Backoff } from '../../async/backoff.ts';
import { pause } from '../../async/pause.ts';
import { asFailure } from '../../model/failure.ts';
import type { ServerId } from '../../model/ids.ts';
import type { Store } from '../../store/promise/store.ts';

/** How long a request waits for the end of a change of the server's ports. Milliseconds. */
const WAIT_MS = 60_000;
const PAUSES = { first: 20, longest: 500 } as const;

/**
 * Begins an operation, after the end of an attachment or detachment of a port that is under way: Nova answers
 * a detachment before the guest has let go of the interface, and carries out what is requested meanwhile
 * afterwards (nova/compute/manager.py ComputeManager.detach_interface). Clients that take several ports from
 * a server rely on it.
 * @throws {Failure} `conflict` when the state does not allow the operation, or the change takes too long
 */
export async function afterPortChange<Begun>(
  store: Store,
  server: ServerId,
  begin: () => Promise<Begun>,
): Promise<Begun> {
  const backoff = new Backoff(PAUSES);
  for (const end = performance.now() + WAIT_MS; ; ) {
    try {
      return await begin();
    } catch (error) {
      const wait = asFailure(error).kind === 'conflict' && performance.now() < end;
      if (!wait || (await store.servers.find(server))?.taskState !== 'networking') throw error;
      await pause(backoff.next(), new AbortController().signal);
    }
  }
}
