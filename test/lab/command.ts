import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../src/cli/nameplate.ts', import.meta.url));
const READY = /is ready/;

/** How a run of the command ended, or that it became ready and was told to end. */
export interface Ran {
  readonly status: number | null;
  readonly ready: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a run is given beside its words. */
interface How {
  /** Whom it runs as; only root can choose. */
  readonly uid?: number;
  /** Called once it is ready, before it is told to end. */
  readonly whenReady?: (stdout: string) => Promise<void>;
}

/** Runs the command `nameplate` to its end; one that becomes ready is told to end. */
export async function nameplate(words: readonly string[], { uid, whenReady }: How = {}): Promise<Ran> {
  const child = spawn(process.execPath, [COMMAND, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let [stdout, stderr, ready] = ['', '', false];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout.setEncoding('utf8').on('data', async (text: string) => {
    stdout += text;
    if (ready || !READY.test(stdout)) return;
    ready = true;
    await whenReady?.(stdout);
    child.kill('SIGTERM');
  });
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ready, stdout, stderr };
}

/** The words of a start with simulated guests on a free port. */
export function simulatedStart(stateDir: string): string[] {
  return ['start', '--driver', 'simulated', '--listen', '127.0.0.1:0', '--state-dir', stateDir];
}
