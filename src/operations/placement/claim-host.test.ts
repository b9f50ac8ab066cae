import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { startPostgres } from '../../../test/lab/postgres.ts';
import { USUAL_SCHEDULING } from '../../../test/lab/scheduling.ts';
import { sampleHost } from '../../../test/laws/sample-host.ts';
import { sampleServer } from '../../../test/laws/sample-server.ts';
import { Failure } from '../../model/failure.ts';
import type { HostName, ProjectId, UserId } from '../../model/ids.ts';
import type { Server } from '../../model/server.ts';
import type { GroupPolicy } from '../../model/server-group.ts';
import { openStore } from '../../store/open.ts';
import type { Store } from '../../store/promise/store.ts';
import { type Claim, claimHost } from './claim-host.ts';
import { HostViewCache } from './host-view.ts';

const NOW = Date.now();
const settings = { scheduler: USUAL_SCHEDULING };
/** What one server of these tests takes, and so what one slot is. */
const SLOT = { vcpus: 2, memoryMb: 512, diskGb: 17 };

const slots = (count: number) => ({
  capacity: { vcpus: SLOT.vcpus * count, memoryMb: SLOT.memoryMb * count, diskGb: SLOT.diskGb * count },
});

async function addHost(store: Store, name: string, fields: Parameters<typeof sampleHost>[1] = {}) {
  await store.hosts.report(sampleHost(name, { lastSeenAt: NOW, ...fields }));
}

const now = () => NOW;
const views = new Map<Store, HostViewCache>();

/** As a replica has it: one for all its claims. */
function hostsOf(store: Store): HostViewCache {
  const hosts = views.get(store) ?? new HostViewCache({ store, now });
  views.set(store, hosts);
  return hosts;
}

function claim(store: Store, server: Server, changes: Partial<Claim> = {}) {
  return claimHost(
    { store, hosts: hostsOf(store), server, settings, now },
    {
      flavor: server.flavor,
      host: null,
      isWanted: ({ host }) => host === null,
      write: (tx, seen, host) => tx.servers.update(seen, { host, updatedAt: NOW }),
      ...changes,
    },
  );
}

async function newServers(store: Store, count: number, fields: Parameters<typeof sampleServer>[0] = {}) {
  const made: Server[] = [];
  for (let n = 0; n < count; n++) made.push(await store.servers.insert(sampleServer(fields)));
  return made;
}

/** All claim at once, through these replicas in turn. */
async function race(replicas: readonly Store[], servers: readonly Server[]) {
  const answers = await Promise.allSettled(
    servers.map((server, n) => claim(replicas[n % replicas.length] as Store, server)),
  );
  const [store] = replicas as [Store];
  const lost = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  for (const failure of lost) {
    assert.ok(failure instanceof Failure, String(failure));
    assert.equal(failure.kind, 'out-of-space', failure.operatorText);
  }
  const after = await store.servers.findMany(servers.map(({ id }) => id));
  const placed = after.flatMap(({ host }) => (host === null ? [] : [host]));
  assert.equal(placed.length, servers.length - lost.length);
  return { placed, lost: lost as Failure[] };
}

async function groupOf(store: Store, policy: GroupPolicy, maxServerPerHost: number | null = null) {
  const id = randomUUID();
  const of = { projectId: 'project-a' as ProjectId, userId: 'user-a' as UserId };
  await store.groups.insert({ ...of, id, name: 'g', policy, maxServerPerHost, createdAt: NOW });
  return id;
}

/** Makes an empty database, and opens stores on it. */
interface Databases {
  create(t: TestContext): Promise<readonly Store[]>;
}

function claims(databases: Databases): void {
  it('for the last slot: one wins, however many there are', async (t) => {
    const replicas = await databases.create(t);
    const [store] = replicas as [Store];
    await addHost(store, 'full', slots(0));
    await addHost(store, 'last', slots(1));
    const { placed, lost } = await race(replicas, await newServers(store, 20));
    assert.deepEqual(placed, ['last']);
    assert.match(lost[0]!.operatorText, /^CapacityFilter refused 2 of 2 hosts:\n/);
    assert.match(lost[0]!.operatorText, /^- last: 2 vCPUs are asked for; 2 of 2 are taken\.$/m);
    assert.equal((await store.servers.usageOfHost('last' as HostName)).instances, 1);
  });

  it('for more than there is: all of it is taken, and no more', async (t) => {
    const replicas = await databases.create(t);
    const [store] = replicas as [Store];
    for (let n = 0; n < 6; n++) await addHost(store, `host-${n}`, slots(2));
    const { placed } = await race(replicas, await newServers(store, 20));
    const each = Map.groupBy(placed, (host) => host);
    assert.deepEqual([...each.values()].map(({ length }) => length), [2, 2, 2, 2, 2, 2]); // biome-ignore format: short
  });

  it('by a group to be kept apart: no two on one host', async (t) => {
    const replicas = await databases.create(t);
    const [store] = replicas as [Store];
    for (let n = 0; n < 4; n++) await addHost(store, `host-${n}`, slots(9));
    const groupId = await groupOf(store, 'anti-affinity');
    const { placed, lost } = await race(replicas, await newServers(store, 6, { groupId }));
    assert.deepEqual(placed.sort(), ['host-0', 'host-1', 'host-2', 'host-3']);
    assert.match(lost[0]!.operatorText, /^ServerGroupAntiAffinityFilter refused 4 of 4 hosts/);
  });

  it('by a group to be kept together: all on one host', async (t) => {
    const replicas = await databases.create(t);
    const [store] = replicas as [Store];
    for (let n = 0; n < 4; n++) await addHost(store, `host-${n}`, slots(9));
    const groupId = await groupOf(store, 'affinity');
    const { placed } = await race(replicas, await newServers(store, 6, { groupId }));
    assert.equal(placed.length, 6);
    assert.equal(new Set(placed).size, 1);
  });
}

const MEMORY = '/dev/shm';
const sqlite: Databases = {
  async create(t) {
    const folder = await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'np-claims-'));
    const store = await openStore({ connection: `sqlite:///${join(folder, 'store.sqlite')}` });
    t.after(async () => {
      await store.close();
      await rm(folder, { recursive: true });
    });
    return [store];
  },
};

describe('claims at once on SQLite', () => claims(sqlite));

describe('claims at once on PostgreSQL, by two replicas', () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.remove());
  claims({
    async create(t) {
      const connection = await server.createDatabase();
      const replicas = [await openStore({ connection }), await openStore({ connection })];
      t.after(() => Promise.all(replicas.map((store) => store.close())));
      return replicas;
    },
  });
});

describe('a claim', () => {
  async function storeFor(t: TestContext, ...hosts: string[]): Promise<Store> {
    const [store] = (await sqlite.create(t)) as [Store];
    for (const name of hosts) await addHost(store, name, slots(9));
    return store;
  }
  const one = async (store: Store, fields: Parameters<typeof sampleServer>[0] = {}) =>
    (await newServers(store, 1, fields))[0] as Server;

  it('sees what has changed since the hosts were read: the next best is taken', async (t) => {
    const store = await storeFor(t, 'a', 'b');
    const first = (await claim(store, await one(store)))!.host;
    const other = first === 'a' ? 'b' : 'a';
    // The other one is the best now, but for what nobody has read yet.
    await store.hosts.setStatus(other as HostName, { status: 'disabled', disabledReason: null, forcedDown: false });
    assert.equal((await claim(store, await one(store)))!.host, first);
  }); // biome-ignore format: short

  it('refuses nobody by what was read a moment ago: a host that came since is found', async (t) => {
    const store = await storeFor(t, 'a');
    const server = await one(store, { availabilityZone: 'east' });
    await assert.rejects(claim(store, server), /No valid host was found/);
    await addHost(store, 'b', { ...slots(1), zone: 'east' });
    assert.equal((await claim(store, server))!.host, 'b');
  });

  it('takes a zone and extra specs from the aggregates', async (t) => {
    const store = await storeFor(t, 'a', 'b');
    const metadata = { availability_zone: 'east' };
    const rest = { generation: 1, metadata, createdAt: NOW, updatedAt: null };
    await store.aggregates.insert({ ...rest, uuid: randomUUID(), name: 'east', hosts: ['b' as HostName] });
    assert.equal((await claim(store, await one(store, { availabilityZone: 'east' })))!.host, 'b');
    assert.equal((await claim(store, await one(store, { availabilityZone: 'nova' })))!.host, 'a');
  });

  it('says how many hosts there were and why each of the others was not taken', async (t) => {
    const store = await storeFor(t, 'a', 'b');
    await addHost(store, 'old', { ...slots(9), features: [], version: '0.0.9' });
    const { host, among, refused } = (await claim(store, await one(store)))!;
    assert.ok(host === 'a' || host === 'b');
    assert.equal(among, 3);
    assert.deepEqual(refused, [
      {
        filter: 'UniqueSerialFilter',
        count: 1,
        reasons: [
          {
            why: "The server must have its own serial; the host's agent (version 0.0.9) does not say that it can give one.",
            hosts: ['old'],
          },
        ],
      },
    ]);
  });

  it('of a named host looks at that one, and checks it', async (t) => {
    const store = await storeFor(t, 'a', 'b');
    await addHost(store, 'small', slots(0));
    assert.equal((await claim(store, await one(store), { host: 'b' }))!.host, 'b');
    const says = (operatorText: string) => (error: unknown) => {
      assert.equal((error as Failure).operatorText, operatorText);
      return true;
    };
    await assert.rejects(
      claim(store, await one(store), { host: 'small' }),
      says('CapacityFilter refused 1 of 1 host:\n- small: 2 vCPUs are asked for; 0 of 0 are taken.'),
    );
    const never = says('Compute host gone has never reported.');
    await assert.rejects(claim(store, await one(store), { host: 'gone' }), never);
  });

  it('of a move leaves its host, or stays if it can', async (t) => {
    const store = await storeFor(t, 'a', 'b');
    const a = 'a' as HostName;
    assert.equal((await claim(store, await one(store), { except: a }))!.host, 'b');
    assert.equal((await claim(store, await one(store), { rather: a }))!.host, 'a');
    await store.hosts.setStatus(a, { status: 'disabled', disabledReason: null, forcedDown: false });
    assert.equal((await claim(store, await one(store), { rather: a }))!.host, 'b');
    await assert.rejects(claim(store, await one(store), { except: 'b' as HostName }), (error) => {
      assert.match((error as Failure).operatorText, /^IgnoredHosts refused 1 of 2 hosts:\n- b: .*\nComputeFilter/);
      return true;
    });
  }); // biome-ignore format: short

  it('that was written before a crash is not looked for again, even if it took the last room', async (t) => {
    const [store] = (await sqlite.create(t)) as [Store];
    await addHost(store, 'last', slots(1));
    const server = await one(store);
    assert.equal((await claim(store, server))!.host, 'last');
    const claimed = (await store.servers.find(server.id))!;
    assert.equal(await claim(store, claimed), undefined);
  });

  it('counts a server of its group that is on its way to a host', async (t) => {
    const store = await storeFor(t, 'a', 'b', 'c');
    const groupId = await groupOf(store, 'anti-affinity');
    await one(store, { groupId, host: 'a' as HostName, destHost: 'b' as HostName });
    assert.equal((await claim(store, await one(store, { groupId })))!.host, 'c');
  });
});
