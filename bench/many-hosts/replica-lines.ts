import type { Part } from '../../test/lab/part.ts';
import type { Cloud } from '../api/cloud.ts';
import type { Figure } from '../api/figure.ts';
import { type LoadJob, runLoad } from '../api/load.ts';
import { cpuOf } from '../api/machine.ts';

const CLIENTS = 16;
const SECONDS = 3;
const ROUNDS = 2;

/** What two replicas answer beside one: in turns, with the same number of clients in all. */
export async function replicaLines(cloud: Cloud, startAnother: () => Promise<Part>): Promise<Figure[]> {
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
    const sums = { one: 0, two: 0 };
    let busy = 0;
    for (let round = 0; round < ROUNDS; round++) {
      sums.one += await rateOf([jobAt(one, CLIENTS)]);
      const cpu = await cpuOf(other.pid);
      sums.two += await rateOf([jobAt(one, CLIENTS / 2), jobAt(other.url, CLIENTS / 2)]);
      busy += (await cpuOf(other.pid)) - cpu;
    }
    const cores = busy / ROUNDS / (SECONDS + 1);
    figures.push({
      name: `${name}: two replicas to one`,
      value: sums.two / sums.one,
      unit: '×',
      target: { atLeast: 1.6 },
      note: `${rate(sums.one)} and ${rate(sums.two)}; the load and PostgreSQL take part of the same two cores: of the two replicas each had ${cores.toFixed(2)} cores`,
    });
  }
  return figures;
}

function rate(sum: number): string {
  return `${Math.round(sum / ROUNDS).toLocaleString('en')}/s`;
}

async function rateOf(jobs: readonly LoadJob[]): Promise<number> {
  const results = await Promise.all(jobs.map(runLoad));
  for (const { statuses } of results)
    if (Object.keys(statuses).some((status) => status !== '200'))
      throw new Error(`answers of the wrong status: ${JSON.stringify(statuses)}`);
  return results.reduce((sum, { perSecond }) => sum + perSecond, 0);
}
