import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../test/lab/postgres.ts';

/** Microseconds of each run, after a warm-up. */
export async function measure(runs: number, work: (n: number) => Promise<unknown>) {
  const times: number[] = [];
  for (let n = 0; n < runs * 1.2; n++) {
    const began = performance.now();
    await work(n);
    if (n >= runs * 0.2) times.push((performance.now() - began) * 1_000);
  }
  times.sort((a, b) => a - b);
  const at = (part: number) => Math.round((times[Math.floor(times.length * part)] as number) * 10) / 10;
  return { p50: at(0.5), p99: at(0.99) };
}

/** A database for a benchmark. */
export interface Place {
  readonly connection: string;
  /** Brings what the database knows of its tables up to date, as it does by itself after a while. */
  settle(): Promise<unknown>;
  remove(): Promise<void>;
}

export async function sqlite(): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'nameplate-bench-'));
  return {
    connection: `sqlite:///${join(directory, 'store.sqlite')}`,
    settle: async () => {},
    remove: () => rm(directory, { recursive: true }),
  };
}

export async function postgresql(): Promise<Place> {
  const server = await startPostgres();
  return {
    connection: await server.createDatabase(),
    settle: () => server.query('vacuum analyze', 'lab_0'),
    remove: () => server.remove(),
  };
}
