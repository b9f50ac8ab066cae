import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Figure } from '../api/figure.ts';

const run = promisify(execFile);
/** Milliseconds for a choice among so many hosts. */
const TARGETS = [
  { hosts: 1_000, atMost: 2 },
  { hosts: 10_000, atMost: 15 },
] as const;

/** What still counts as linear. */
const FLAT = 1.5;
/** It only computes: what others take from it is no part of it, so the best of some turns counts. */
const TURNS = 3;

interface Line {
  readonly what: string;
  readonly hosts: number;
  readonly p50: number;
  readonly p99: number;
}

/**
 * Choosing one host among many with all filters: the slowest of the wishes that `bench/scheduler.ts` tries,
 * and how the cost grows.
 */
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
  const perHost = (line: Line) => line.p50 / line.hosts;
  return [
    ...times,
    {
      name: 'choosing: cost of each host, among 10,000 to 1,000',
      value: perHost(many) / perHost(few),
      unit: '×',
      target: { atMost: FLAT },
      note: 'linear is 1; what is known of 1,000 hosts fits the cache of a core, of 10,000 it does not',
    },
  ];
}

async function linesOfScript(): Promise<Line[]> {
  const script = new URL('../scheduler.ts', import.meta.url).pathname;
  const { stdout } = await run(process.execPath, [script], { timeout: 60_000 });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
