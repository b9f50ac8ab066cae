import type { HostName, ProjectId, ServerId } from '../src/model/ids.ts';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/promise/store.ts';
import { sampleHost } from '../test/laws/sample-host.ts';
import { sampleServer } from '../test/laws/sample-server.ts';
import { measure, type Place, postgresql, sqlite } from './store-place.ts';

/**
 * What the store costs at several sizes, as JSON lines: `{ what, rows, p50, p99 }`, times in microseconds.
 * `node bench/store.ts [sqlite|postgresql] [ROWS…]`, by default SQLite, and 1,000, 10,000 and 100,000 servers
 * in ten projects. PostgreSQL is a server of its own on this machine, as Debian configures it, over its unix
 * socket.
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

async function benchAt(rows: number, makePlace: () => Promise<Place>): Promise<void> {
  const place = await makePlace();
  const { connection } = place;
  try {
    const filling = await openStore({ connection });
    const ids = await fill(filling, rows);
    await filling.close();
    await place.settle();
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
    await say('16 claims of one host at once', 30, async (n) => {
      const host = `host-${n}` as HostName;
      const claim = (at: number) =>
        store.transaction(async (tx) => {
          const seen = await tx.servers.find(anId(n * 16 + at));
          if (seen === undefined || (await tx.servers.usageOfHost(host)).instances >= 8) return;
          await tx.servers.update(seen, { host, updatedAt: n });
        });
      await Promise.all(Array.from({ length: 16 }, (_, at) => claim(at)));
    });
    await say('report of a host', 500, (n) => store.hosts.report(sampleHost(`host-${n % 100}`)));
    await say('100 finds at once', 50, (n) =>
      Promise.all(Array.from({ length: 100 }, (_, at) => store.servers.find(anId(n + at)))),
    );
    await store.close();
  } finally {
    await place.remove();
  }
}

const [first, ...rest] = process.argv.slice(2);
const isNamed = first === 'sqlite' || first === 'postgresql';
const sizes = (isNamed ? rest : process.argv.slice(2)).map(Number);
for (const rows of sizes.length > 0 ? sizes : [1_000, 10_000, 100_000])
  await benchAt(rows, first === 'postgresql' ? postgresql : sqlite);
