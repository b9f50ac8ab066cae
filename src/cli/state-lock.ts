import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { Failure } from '../model/failure.ts';

/**
 * Takes a state directory for this process alone. Held by an abstract unix socket, which the kernel lets go of however the process ends.
 * @throws {Failure} `conflict` when another process holds it
 */
export async function lockState(stateDir: string): Promise<() => Promise<void>> {
  const name = createHash('sha256').update(realpathSync(stateDir)).digest('hex');
  const server = createServer((socket) => socket.destroy());
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(`\0nameplate-${name}`, resolve);
  try {
    await promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Failure(
      'conflict',
      `Another nameplate is running on the state directory ${stateDir}: stop it first, or name another with --state-dir.`,
    );
  }
  server.unref();
  return () => new Promise((done) => server.close(() => done()));
}
