import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProjectId, UserId } from '../../src/model/ids.ts';
import { openStore } from '../../src/store/open.ts';
import { sampleServer } from '../../test/laws/sample-server.ts';
import { connectTo } from './cloud.ts';
import type { Figure } from './figure.ts';
import { startNameplate } from './nameplate.ts';
import { median, OneByOne, timed } from './one-by-one.ts';
import { createdAlone } from './servers.ts';

/** How much slower the largest may be than the smallest to count as flat. */
const FLAT = 1.5;
const AT_ONCE = 1000;

/** Medians at one number of servers, in milliseconds. */
interface Costs {
  readonly rows: number;
  readonly costs: Readonly<Record<'show' | 'list page after a write' | 'create to ACTIVE', number>>;
}

/** What show, list page and create cost at several numbers of servers that are already there. */
export async function flatnessLines(sizes: readonly number[]): Promise<Figure[]> {
  const measured: Costs[] = [];
  for (const rows of sizes) measured.push(await costsAt(rows));
  const [first] = measured;
  const last = measured.at(-1);
  if (first === undefined || last === undefined) return [];
  return (Object.keys(first.costs) as (keyof Costs['costs'])[]).map((name) => ({
    name: `${name}, ${count(last.rows)} rows to ${count(first.rows)}`,
    value: last.costs[name] / first.costs[name],
    unit: '×',
    target: { atMost: FLAT },
    note: measured.map(({ rows, costs }) => `${count(rows)}: ${costs[name].toFixed(2)} ms`).join(', '),
  }));
}

async function costsAt(rows: number): Promise<Costs> {
  const folder = await mkdtemp(join(tmpdir(), 'nameplate-bench-'));
  try {
    // The first start makes the cloud; its servers are then put beside it.
    await (await startNameplate(folder)).stop();
    const ids = await fill(folder, rows);
    const service = await startNameplate(folder);
    try {
      const cloud = await connectTo(service.login);
      const one = await OneByOne.on(cloud);
      const any = (run: number) => ids[(run * 7919) % ids.length];
      const most = { seconds: 2, runs: 1000 };
      const show = median(await timed(most, (run) => one.ask('GET', `/servers/${any(run)}`)));
      const write = (run: number) =>
        one.ask('POST', `/servers/${any(run)}/metadata`, { metadata: { run: String(run) } });
      const list = median(await timed(most, () => one.ask('GET', '/servers/detail?limit=50'), write));
      one.close();
      const create = median(await createdAlone(cloud, { seconds: 2, runs: 100 }));
      return { rows, costs: { show, 'list page after a write': list, 'create to ACTIVE': create } };
    } finally {
      await service.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Servers as a run of creates would have left them, straight into the store. */
async function fill(folder: string, rows: number): Promise<string[]> {
  const store = await openStore({ connection: `sqlite:///${join(folder, 'state', 'nameplate.sqlite')}` });
  try {
    const [project] = await store.identity.projects.list({ name: 'admin' });
    const [user] = await store.identity.users.list({ name: 'admin' });
    const [host] = await store.hosts.list();
    const ids: string[] = [];
    for (let begin = 0; begin < rows; begin += AT_ONCE)
      await store.transaction(async (tx) => {
        for (let n = begin; n < Math.min(rows, begin + AT_ONCE); n++) {
          const server = sampleServer({
            name: `server-${n}`,
            projectId: project!.id as ProjectId,
            userId: user!.id as UserId,
            vmState: 'stopped',
            taskState: null,
            powerState: 'shutdown',
            host: host!.name,
            launchedAt: Date.now(),
          });
          ids.push((await tx.servers.insert(server)).id);
        }
      });
    return ids;
  } finally {
    await store.close();
  }
}

function count(rows: number): string {
  return rows % 1000 === 0 ? `${rows / 1000}k` : String(rows);
}
