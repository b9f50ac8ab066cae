import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.ts';
import type { Log } from '../../../model/log.ts';
import { BubblewrapCage } from './bubblewrap.ts';
import type { Cage } from './cage.ts';
import { NoCage } from './no-cage.ts';

const PROBE_TIMEOUT_MS = 10_000;
const PROBE_LIMITS = { memory: 1024 ** 3, cpuSeconds: 5, fileSize: 1024 };

/**
 * The cage of this host. Where none can be made, the log says why, and what follows.
 * @param directory - where the files will be that are worked on: the cage is tried there
 */
export async function openCage(directory: string, log: Log): Promise<Cage> {
  const cage = new BubblewrapCage();
  const reason = await obstacleOf(cage, directory);
  if (reason === null) return cage;
  log('qemu-img-unconfined', {
    why: `${reason}. Install the package bubblewrap, and let the agent make namespaces.`,
  });
  return new NoCage();
}

/** Why a cage cannot be used for files in a directory; null when it can. */
async function obstacleOf(cage: Cage, directory: string): Promise<string | null> {
  // A name of its own: hosts that share their instances share this folder, too.
  const scratch = join(directory, `cage-probe-${randomUUID()}`);
  const source = join(scratch, 'source');
  const target = join(scratch, 'target');
  try {
    await mkdir(scratch, { mode: 0o711 });
    await writeFile(source, 'probe', { mode: 0o600 });
    await writeFile(target, '', { mode: 0o600 });
    await cage.run({
      command: 'cp',
      args: (sight) => [sight.source, sight.target],
      ...{ source, target, limits: PROBE_LIMITS, what: 'a cage', timeoutMs: PROBE_TIMEOUT_MS },
    });
    return (await readFile(target, 'utf8')) === 'probe' ? null : 'A program in a cage wrote nothing';
  } catch (error) {
    const text = error instanceof Failure ? error.operatorText : undefined;
    return `The cage says: ${text ?? (error as Error).message}`;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
