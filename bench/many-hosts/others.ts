import { readdir, readFile } from 'node:fs/promises';
import type { Figure } from '../api/figure.ts';
import { cpuOfMachine } from '../api/machine.ts';

/** Clock ticks a second in /proc, on every Linux that Node runs on. */
const TICKS = 100;

/**
 * Measures, and notes on every figure how many cores everything but this process and what it started took
 * meanwhile.
 */
export async function besideOthers(measure: () => Promise<Figure[]>): Promise<Figure[]> {
  const began = { at: performance.now(), machine: cpuOfMachine(), own: await cpuBelow(process.pid) };
  const figures = await measure();
  const seconds = (performance.now() - began.at) / 1000;
  const own = (await cpuBelow(process.pid)) - began.own;
  const othersCores = Math.max(0, (cpuOfMachine() - began.machine - own) / seconds);
  return figures.map((figure) => ({ ...figure, othersCores }));
}

interface Process {
  readonly parent: number;
  /** Seconds, of its own and of children that have ended. */
  readonly cpu: number;
}

/** CPU seconds of what this process has started and waited for until it ended. */
export async function cpuOfEnded(): Promise<number> {
  const [, , childrenUser = 0, childrenSystem = 0] = timesIn(await readFile('/proc/self/stat', 'utf8'));
  return (childrenUser + childrenSystem) / TICKS;
}

/** CPU seconds of a process and all below it, those that have ended too. */
export async function cpuBelow(root: number): Promise<number> {
  return [...(await familyOf(root)).values()].reduce((sum, { cpu }) => sum + cpu, 0);
}

/** A process and all below it. */
export async function pidsBelow(root: number): Promise<number[]> {
  return [...(await familyOf(root)).keys()];
}

async function familyOf(root: number): Promise<Map<number, Process>> {
  const all = new Map<number, Process>();
  for (const name of await readdir('/proc')) {
    const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '') : '';
    if (stat === '') continue;
    const cpu = timesIn(stat).reduce((sum, ticks) => sum + ticks, 0) / TICKS;
    all.set(Number(name), { parent: fieldsOf(stat)[1] ?? 0, cpu });
  }
  const isBelow = (pid: number): boolean => pid === root || isBelowParent(all.get(pid));
  const isBelowParent = (one: Process | undefined) =>
    one !== undefined && one.parent > 1 && isBelow(one.parent);
  return new Map([...all].filter(([pid]) => isBelow(pid)));
}

/** What stands behind the command's name. */
function fieldsOf(stat: string): number[] {
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
}

/** Ticks of its own, user and system, and the same of children that have ended. */
function timesIn(stat: string): number[] {
  return fieldsOf(stat).slice(11, 15);
}
