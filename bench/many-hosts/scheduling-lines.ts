import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Figure } from '../api/figure.ts';

const run = promisify(execFile);
/** Milliseconds for a choice among so many hosts. */
const TARGETS = [
  { hosts: 1_000, atMost: 2 },
  { hosts: 10_000, atMost: 15 },
] as const;

/** It only computes: what others take from it is no part of it, so the best of some turns counts. */
const TURNS = 3;

interface Line {
  readonly what: string;
  readonly hosts: number;
  readonly p50: number;
  readonly p99: number;
}

/** Choosing one host among many with all filters: the slowest of the wishes that `bench/scheduler.ts` tries, and how the cost grows. */
export async function schedulingLines(): Promise<Figure[]> {
  const lines: Line[] = [];
  for (let turn = 0; turn < TURNS; turn++) lines.push(...(await linesOfScript()));
  const wishes = [...new Set(lines.map(({ what }) => what))];
  const slowest = TARGETS.map(({ hosts }) => {
    const best = (wish: string) =>
      lines
        .filter((line) => line.hosts === hosts && line.what === wish)
        .toSorted((a, b) => a.p50 - b.p50)[0]!;
    return wishes.map(best).toSorted((a, b) => b.p50 - a.p50)[0]!;
  });
  const times = TARGETS.map(({ hosts, atMost }, n) => ({
    name: `choosing among ${hosts.toLocaleString('en')} hosts, p50`,
    value: slowest[n]!.p50,
    unit: 'ms',
    target: { atMost },
    note: `the slowest wish: ${slowest[n]!.what}; best of ${TURNS} turns, p99 ${slowest[n]!.p99} ms`,
  }));
  const [few, many] = slowest as [Line, Line];
  const tenfold = TARGETS[1].hosts / TARGETS[0].hosts;
  const growth = { name: 'choosing: cost of ten times as many hosts', value: many.p50 / few.p50, unit: '×' };
  return [...times, { ...growth, target: { atMost: tenfold }, note: 'no worse than linear' }];
}

async function linesOfScript(): Promise<Line[]> {
  const script = new URL('../scheduler.ts', import.meta.url).pathname;
  const { stdout } = await run(process.execPath, [script], { timeout: 60_000 });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
