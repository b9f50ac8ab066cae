import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../model/failure.ts';
import type { Log } from '../../../model/log.ts';
import { BubblewrapSandbox } from './bubblewrap.ts';
import { NoSandbox } from './no-sandbox.ts';
import type { Sandbox } from './sandbox.ts';

const PROBE_TIMEOUT_MS = 10_000;
const PROBE_LIMITS = { memory: 1024 ** 3, cpuSeconds: 5, fileSize: 1024 };

/**
 * Opens the sandbox of this host. If it has none, the log gives the reason and the consequences.
 * @param directory the directory of the files to work on, where the sandbox is tested
 */
export async function openSandbox(directory: string, log: Log): Promise<Sandbox> {
  const sandbox = new BubblewrapSandbox();
  const reason = await obstacleOf(sandbox, directory);
  if (reason === null) return sandbox;
  log('qemu-img-unconfined', {
    why: `${reason}. Install the package bubblewrap, and let the agent make namespaces.`,
  });
  return new NoSandbox();
}

/** Why a sandbox cannot be used for files in a directory; null when it works. */
async function obstacleOf(sandbox: Sandbox, directory: string): Promise<string | null> {
  // A unique name, because hosts that share their instances share this folder too.
  const scratch = join(directory, `sandbox-probe-${randomUUID()}`);
  const source = join(scratch, 'source');
  const target = join(scratch, 'target');
  try {
    await mkdir(scratch, { mode: 0o711 });
    await writeFile(source, 'probe', { mode: 0o600 });
    await writeFile(target, '', { mode: 0o600 });
    await sandbox.run({
      command: 'cp',
      args: (paths) => [paths.source, paths.target],
      ...{ source, target, limits: PROBE_LIMITS, what: 'a sandbox', timeoutMs: PROBE_TIMEOUT_MS },
    });
    return (await readFile(target, 'utf8')) === 'probe' ? null : 'A program in a sandbox wrote nothing';
  } catch (error) {
    const text = error instanceof Failure ? error.operatorText : undefined;
    return `The sandbox fails: ${text ?? (error as Error).message}`;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
