import { readdir, readFile } from 'node:fs/promises';
import type { Figure } from '../api/figure.ts';
import { cpuOfMachine } from '../api/machine.ts';

/** Clock ticks a second in /proc, on every Linux that Node runs on. */
const TICKS = 100;

/** Measures, and notes on every figure how many cores everything but this process and what it started took meanwhile. */
export async function besideOthers(measure: () => Promise<Figure[]>): Promise<Figure[]> {
  const began = { at: performance.now(), machine: cpuOfMachine(), own: await cpuOfFamily() };
  const figures = await measure();
  const seconds = (performance.now() - began.at) / 1000;
  const own = (await cpuOfFamily()) - began.own;
  const othersCores = Math.max(0, (cpuOfMachine() - began.machine - own) / seconds);
  return figures.map((figure) => ({ ...figure, othersCores }));
}

interface Process {
  readonly parent: number;
  /** Seconds, of its own and of children that have ended. */
  readonly cpu: number;
}

/** CPU seconds of this process and all below it. */
async function cpuOfFamily(): Promise<number> {
  const all = new Map<number, Process>();
  for (const name of await readdir('/proc')) {
    const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '') : '';
    if (stat === '') continue;
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15);
    all.set(Number(name), {
      parent: fields[1] ?? 0,
      cpu: (user + system + childrenUser + childrenSystem) / TICKS,
    });
  }
  const isBelow = (pid: number): boolean => pid === process.pid || isBelowParent(all.get(pid));
  const isBelowParent = (one: Process | undefined) =>
    one !== undefined && one.parent > 1 && isBelow(one.parent);
  return [...all].reduce((sum, [pid, { cpu }]) => sum + (isBelow(pid) ? cpu : 0), 0);
}
