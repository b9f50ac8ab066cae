import type { Part } from '../../test/lab/part.ts';
import type { Cloud } from '../api/cloud.ts';
import type { Figure } from '../api/figure.ts';
import { type LoadJob, runLoad } from '../api/load.ts';
import { cpuOf } from '../api/machine.ts';

const CLIENTS = 16;
const SECONDS = 3;
const ROUNDS = 2;

/** What two replicas answer beside one: in turns, with the same number of clients in all. */
export async function replicaLines(
  { cloud, part: first }: { readonly cloud: Cloud; readonly part: Part },
  startAnother: () => Promise<Part>,
): Promise<Figure[]> {
  const { servers } = await cloud.ask<{ servers: { id: string }[] }>('GET', '/servers?limit=1000');
  const other = await startAnother();
  const one = new URL(cloud.compute).origin;
  const reads = {
    'show of a server': servers.map(({ id }) => `/servers/${id}`),
    'list of 50 servers': ['/servers/detail?limit=50'],
  };
  const figures: Figure[] = [];
  for (const [name, paths] of Object.entries(reads)) {
    const jobAt = (origin: string, clients: number): LoadJob => ({
      ...{ clients, seconds: SECONDS, warmUp: 1 },
      requests: paths.map((path) => ({
        ...{ method: 'GET', headers: cloud.headers },
        url: `${cloud.compute.replace(one, origin)}${path}`,
      })),
    });
    const both = [jobAt(one, CLIENTS / 2), jobAt(other.url, CLIENTS / 2)];
    const sums = { one: { rate: 0, cpu: 0 }, two: { rate: 0, cpu: 0 } };
    for (let round = 0; round < ROUNDS; round++) {
      add(sums.one, await loadOf([jobAt(one, CLIENTS)], [first.pid]));
      add(sums.two, await loadOf(both, [first.pid, other.pid]));
    }
    figures.push({
      name: `${name}: two replicas to one`,
      value: sums.two.rate / sums.one.rate,
      unit: '×',
      target: { atLeast: 1.6 },
      note: `${said(sums.one)} and ${said(sums.two)} of the replicas' CPU; PostgreSQL and the load share the two cores`,
    });
  }
  return figures;
}

interface Load {
  rate: number;
  /** CPU microseconds of the replicas for one read. */
  cpu: number;
}

function add(sum: Load, { rate, cpu }: Load): void {
  sum.rate += rate / ROUNDS;
  sum.cpu += cpu / ROUNDS;
}

function said({ rate, cpu }: Load): string {
  return `${Math.round(rate).toLocaleString('en')}/s at ${Math.round(cpu)} µs`;
}

async function loadOf(jobs: readonly LoadJob[], pids: readonly number[]): Promise<Load> {
  const used = async () => (await Promise.all(pids.map(cpuOf))).reduce((sum, cpu) => sum + cpu, 0);
  const before = await used();
  const results = await Promise.all(jobs.map(runLoad));
  const cpu = (await used()) - before;
  for (const { statuses } of results)
    if (Object.keys(statuses).some((status) => status !== '200'))
      throw new Error(`answers of the wrong status: ${JSON.stringify(statuses)}`);
  const total = (of: 'sent' | 'perSecond') => results.reduce((sum, result) => sum + result[of], 0);
  return { rate: total('perSecond'), cpu: (cpu * 1e6) / total('sent') };
}
