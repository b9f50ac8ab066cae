import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Part } from '../../test/lab/part.ts';
import type { PostgresServer } from '../../test/lab/postgres.ts';
import type { Cloud } from '../api/cloud.ts';
import type { Figure } from '../api/figure.ts';
import { runLoad } from '../api/load.ts';
import { cpuOf } from '../api/machine.ts';
import { cpuBelow, cpuOfEnded } from './others.ts';
import { hasWrk, type ReadJob, type ReadResult, runWrk } from './wrk.ts';

const CLIENTS = 64;
const SECONDS = 3;
const ROUNDS = 3;
const CORES = 2;

/** Of one kind of read. CPU in microseconds for one read: of the replicas, of PostgreSQL, and of what asks. */
interface Load {
  readonly perSecond: number;
  readonly replica: number;
  readonly postgres: number;
  readonly load: number;
}

/** What two replicas answer beside one, in turns, with the same number of clients in all; and what a read costs where, which says what two cores allow. */
export async function replicaLines(
  { cloud, part: first }: { readonly cloud: Cloud; readonly part: Part },
  { postgres, startAnother }: { readonly postgres: PostgresServer; startAnother(): Promise<Part> },
): Promise<Figure[]> {
  const { servers } = await cloud.ask<{ servers: { id: string }[] }>('GET', '/servers?limit=1000');
  const other = await startAnother();
  const base = new URL(cloud.compute).pathname;
  const reads = {
    'show of a server': servers.map(({ id }) => `${base}/servers/${id}`),
    'list of 50 servers': [`${base}/servers/detail?limit=50`],
  };
  const byWrk = await hasWrk();
  const figures: Figure[] = [];
  for (const [name, paths] of Object.entries(reads)) {
    const loadOn = (parts: readonly Part[]) =>
      loadOf(parts, { postgres, byWrk, paths, headers: cloud.headers, seconds: SECONDS });
    const [one, two]: [Load[], Load[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      one.push(await loadOn([first]));
      two.push(await loadOn([first, other]));
    }
    figures.push(lineOf(name, { one: mean(one), two: mean(two), byWrk }));
  }
  return figures;
}

function lineOf(name: string, { one, two, byWrk }: { one: Load; two: Load; byWrk: boolean }): Figure {
  const allowed = ratePossible(two, 2) / ratePossible(one, 1);
  return {
    name: `${name}: two replicas to one`,
    value: two.perSecond / one.perSecond,
    unit: '×',
    target: { atLeast: 1.6 },
    note: `one ${said(one)}, two ${said(two)}, asked by ${byWrk ? 'wrk' : 'Node'}; at these costs ${CORES} cores allow ${allowed.toFixed(2)} ×`,
  };
}

/** Reads a second when the cores do nothing else: a replica has one thread, so at most a core. */
function ratePossible({ replica, postgres, load }: Load, replicas: number): number {
  return Math.min((replicas * 1e6) / replica, (CORES * 1e6) / (replica + postgres + load));
}

function said({ perSecond, replica, postgres, load }: Load): string {
  const rate = Math.round(perSecond).toLocaleString('en');
  return `${rate}/s at ${replica.toFixed(0)} µs of the replica, ${postgres.toFixed(0)} of PostgreSQL and ${load.toFixed(0)} of the load`;
}

function mean(loads: readonly Load[]): Load {
  const of = (what: keyof Load) => loads.reduce((sum, load) => sum + load[what], 0) / loads.length;
  return { perSecond: of('perSecond'), replica: of('replica'), postgres: of('postgres'), load: of('load') };
}

interface Reads extends Pick<ReadJob, 'paths' | 'headers' | 'seconds'> {
  readonly postgres: PostgresServer;
  readonly byWrk: boolean;
}

async function loadOf(parts: readonly Part[], { postgres, byWrk, ...reads }: Reads): Promise<Load> {
  const run = byWrk ? runWrk : runByNode;
  const jobs = parts.map(({ url }) => ({ ...reads, origin: url, clients: CLIENTS / parts.length }));
  await Promise.all(jobs.map((job) => run({ ...job, seconds: 1 })));
  const before = await cpuNow(parts, postgres);
  const results = await Promise.all(jobs.map(run));
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

async function runByNode({ origin, paths, headers, ...rest }: ReadJob): Promise<ReadResult> {
  const requests = paths.map((path) => ({ method: 'GET', url: `${origin}${path}`, headers }));
  const { answers, perSecond, statuses } = await runLoad({ ...rest, requests, warmUp: 0 });
  if (Object.keys(statuses).some((status) => status !== '200'))
    throw new Error(`answers that were not good: ${JSON.stringify(statuses)}`);
  return { answers, perSecond };
}
