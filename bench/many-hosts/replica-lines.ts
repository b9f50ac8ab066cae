import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Part } from '../../test/lab/part.ts';
import type { PostgresServer } from '../../test/lab/postgres.ts';
import type { Cloud } from '../api/cloud.ts';
import type { Figure } from '../api/figure.ts';
import { cpuOf } from '../api/machine.ts';
import { coresOf, firstCores, keepOn } from './cores.ts';
import { cpuBelow, cpuOfEnded, pidsBelow } from './others.ts';
import { type ReadJob, runWrk } from './wrk.ts';

const CLIENTS = 64;
const SECONDS = 3;
const ROUNDS = 3;
const CORES = 2;

/**
 * Of one kind of read. CPU in microseconds for one read: of the replicas, of PostgreSQL, and of what asks.
 */
interface Load {
  readonly perSecond: number;
  readonly replica: number;
  readonly postgres: number;
  readonly load: number;
}

/**
 * What two replicas answer beside one, in turns, with the same number of clients in all, everything on the
 * same two cores; and what a read costs where, which says what two cores allow. Beside it the same of two
 * cores and one: a replica, PostgreSQL and the load on one core, then two replicas, PostgreSQL and the load
 * on two.
 */
export async function replicaLines(
  { cloud, part: first }: { readonly cloud: Cloud; readonly part: Part },
  { postgres, startAnother }: { readonly postgres: PostgresServer; startAnother(): Promise<Part> },
): Promise<Figure[]> {
  const { servers } = await cloud.ask<{ servers: { id: string }[] }>('GET', '/servers?limit=1000');
  const both = [first, await startAnother()];
  const base = new URL(cloud.compute).pathname;
  const reads = {
    'show of a server': servers.map(({ id }) => `${base}/servers/${id}`),
    'list of 50 servers': [`${base}/servers/detail?limit=50`],
  };
  const all = await coresOf(process.pid);
  const [oneCore, twoCores] = [firstCores(all, 1), firstCores(all, CORES)];
  const figures: Figure[] = [];
  try {
    for (const [name, paths] of Object.entries(reads)) {
      const loadOn = (parts: readonly Part[], cores: string) =>
        loadOf(parts, { postgres, all: both, paths, headers: cloud.headers, seconds: SECONDS, cores });
      const loads: Record<'one' | 'two' | 'oneOnOne', Load[]> = { one: [], two: [], oneOnOne: [] };
      for (let round = 0; round < ROUNDS; round++) {
        loads.one.push(await loadOn([first], twoCores));
        loads.two.push(await loadOn(both, twoCores));
        loads.oneOnOne.push(await loadOn([first], oneCore));
      }
      figures.push(
        ...linesOf(name, { one: mean(loads.one), two: mean(loads.two), oneOnOne: mean(loads.oneOnOne) }),
      );
    }
  } finally {
    await keepOn(all, await processesOf(both, postgres));
  }
  return figures;
}

function linesOf(name: string, { one, two, oneOnOne }: Record<'one' | 'two' | 'oneOnOne', Load>): Figure[] {
  const allowed = ratePossible(two, 2) / ratePossible(one, 1);
  return [
    {
      name: `${name}: two replicas to one`,
      value: two.perSecond / one.perSecond,
      unit: '×',
      target: { atLeast: 1.6 },
      note: `one ${said(one)}, two ${said(two)}; at these costs ${CORES} cores allow ${allowed.toFixed(2)} ×`,
    },
    {
      name: `${name}: two replicas on two cores to one on one`,
      value: two.perSecond / oneOnOne.perSecond,
      unit: '×',
      note: `one ${said(oneOnOne)}; PostgreSQL and the load on the same cores each time`,
    },
  ];
}

/** Reads a second when the cores do nothing else: a replica has one thread, so at most a core. */
function ratePossible({ replica, postgres, load }: Load, replicas: number): number {
  return Math.min((replicas * 1e6) / replica, (CORES * 1e6) / (replica + postgres + load));
}

function said({ perSecond, replica, postgres, load }: Load): string {
  const rate = Math.round(perSecond).toLocaleString('en');
  return `${rate}/s at ${replica.toFixed(0)} µs of the replica, ${postgres.toFixed(0)} of PostgreSQL and ${load.toFixed(0)} of wrk`;
}

function mean(loads: readonly Load[]): Load {
  const of = (what: keyof Load) => loads.reduce((sum, load) => sum + load[what], 0) / loads.length;
  return { perSecond: of('perSecond'), replica: of('replica'), postgres: of('postgres'), load: of('load') };
}

interface Reads extends Omit<ReadJob, 'origin' | 'clients'> {
  readonly postgres: PostgresServer;
  /** Those that are not asked too: they stand by on the same cores. */
  readonly all: readonly Part[];
}

async function loadOf(parts: readonly Part[], { postgres, all, ...reads }: Reads): Promise<Load> {
  await keepOn(reads.cores, await processesOf(all, postgres));
  const jobs = parts.map(({ url }) => ({ ...reads, origin: url, clients: CLIENTS / parts.length }));
  await Promise.all(jobs.map((job) => runWrk({ ...job, seconds: 1 })));
  const before = await cpuNow(parts, postgres);
  const results = await Promise.all(jobs.map(runWrk));
  const after = await cpuNow(parts, postgres);
  const answers = results.reduce((sum, result) => sum + result.answers, 0);
  const each = (of: keyof typeof before) => ((after[of] - before[of]) * 1e6) / answers;
  return {
    perSecond: results.reduce((sum, result) => sum + result.perSecond, 0),
    replica: each('replicas'),
    postgres: each('postgres'),
    load: each('load'),
  };
}

async function processesOf(parts: readonly Part[], postgres: PostgresServer): Promise<number[]> {
  return [...parts.map(({ pid }) => pid), ...(await pidsBelow(await pidOf(postgres)))];
}

/** CPU seconds up to now; of the load when it has ended. */
async function cpuNow(parts: readonly Part[], postgres: PostgresServer) {
  const replicas = (await Promise.all(parts.map((part) => cpuOf(part.pid)))).reduce(
    (sum, cpu) => sum + cpu,
    0,
  );
  return { replicas, postgres: await cpuBelow(await pidOf(postgres)), load: await cpuOfEnded() };
}

/** https://www.postgresql.org/docs/current/storage-file-layout.html */
async function pidOf({ directory }: PostgresServer): Promise<number> {
  return Number.parseInt(await readFile(join(directory, 'data', 'postmaster.pid'), 'utf8'), 10);
}
