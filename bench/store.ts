import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProjectId, ServerId } from '../src/model/ids.ts';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/store.ts';
import { sampleServer } from '../test/laws/sample-server.ts';

/**
 * What the store costs at several sizes, as JSON lines: `{ what, rows, p50, p99 }`, times in microseconds.
 * `node bench/store.ts [ROWS…]`, by default 1,000, 10,000 and 100,000 servers in ten projects.
 */
const PROJECTS = 10;
const AT_ONCE = 1_000;
const projectOf = (n: number) => `project-${n % PROJECTS}` as ProjectId;

async function fill(store: Store, rows: number): Promise<ServerId[]> {
  const ids: ServerId[] = [];
  for (let begin = 0; begin < rows; begin += AT_ONCE)
    await store.transaction(async (tx) => {
      for (let n = begin; n < Math.min(rows, begin + AT_ONCE); n++) {
        const server = sampleServer({ name: `server-${n}`, projectId: projectOf(n), createdAt: n });
        ids.push((await tx.servers.insert(server)).id);
      }
    });
  return ids;
}

async function measure(runs: number, work: (n: number) => Promise<unknown>) {
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

async function benchAt(rows: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'nameplate-bench-'));
  const connection = `sqlite:///${join(directory, 'store.sqlite')}`;
  try {
    const filling = await openStore({ connection });
    const ids = await fill(filling, rows);
    await filling.close();
    const store = await openStore({ connection });
    const anId = (n: number) => ids[(n * 7919) % ids.length] as ServerId;
    const page = { limit: 50 };
    const say = async (what: string, runs: number, work: (n: number) => Promise<unknown>) =>
      console.log(JSON.stringify({ what, rows, ...(await measure(runs, work)) }));
    await say('page of 50 versions', 1_000, (n) =>
      store.servers.listVersions({ projectId: projectOf(n) }, page),
    );
    await say('page of 50 versions after a marker', 1_000, (n) =>
      store.servers.listVersions(
        { projectId: projectOf((n * 7919) % ids.length) },
        { ...page, marker: anId(n) },
      ),
    );
    await say('page of 50 servers', 300, (n) => store.servers.list({ projectId: projectOf(n) }, page));
    await say('find', 3_000, (n) => store.servers.find(anId(n)));
    await say('usage of a project', 3_000, (n) => store.servers.usageOf(projectOf(n)));
    const create = (n: number) =>
      store.servers.insert(sampleServer({ projectId: projectOf(n), createdAt: n }));
    await say('create', 500, create);
    await say('16 creates at once', 50, (n) => Promise.all(Array.from({ length: 16 }, () => create(n))));
    await say('update', 500, async (n) => {
      const seen = await store.servers.find(anId(n));
      if (seen !== undefined) await store.servers.update(seen, { taskState: 'spawning', updatedAt: n });
    });
    await store.close();
  } finally {
    await rm(directory, { recursive: true });
  }
}

const sizes = process.argv.slice(2).map(Number);
for (const rows of sizes.length > 0 ? sizes : [1_000, 10_000, 100_000]) await benchAt(rows);
