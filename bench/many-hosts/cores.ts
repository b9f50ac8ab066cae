import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The cores that a process may use, as taskset lists them (`0-3,5`). */
export async function coresOf(pid: number): Promise<string> {
  const { stdout } = await run('taskset', ['-c', '-p', `${pid}`]);
  return stdout.slice(stdout.lastIndexOf(':') + 1).trim();
}

/** The first so many of a list of cores, or all when there are not so many. */
export function firstCores(list: string, count: number): string {
  const all = list.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, n) => first + n);
  });
  return all.slice(0, count).join(',');
}

/** Keeps processes, with all their threads and what they start from now on, on some cores. */
export async function keepOn(cores: string, pids: readonly number[]): Promise<void> {
  for (const pid of pids)
    await run('taskset', ['-a', '-c', '-p', cores, `${pid}`]).catch((error: { stderr?: string }) => {
      if (!error.stderr?.includes('No such process')) throw error; // a backend that has ended
    });
}
