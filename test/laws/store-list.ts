import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import type { FlavorId, HostName, ImageId, ProjectId, ServerId } from '../../src/model/ids.ts';
import type { Server } from '../../src/model/server.ts';
import type { Page } from '../../src/store/promise/page.ts';
import type { ServerFilter } from '../../src/store/promise/servers.ts';
import { sampleServer } from './sample-server.ts';
import type { TheStore } from './store.ts';

const A = 'list-a' as ProjectId;
const B = 'list-b' as ProjectId;
const PAGE: Page = { limit: 1_000 };

/** Filters, orders and pages of servers. */
export function storeListLaws(the: TheStore): void {
  let made: Server[];
  before(async () => {
    const { image, flavor } = sampleServer();
    const wanted = [
      { name: 'web-1', projectId: A, tags: ['red', 'big'], createdAt: 1, updatedAt: 10 },
      { name: 'web-2', projectId: A, tags: ['red'], createdAt: 1, updatedAt: 20, host: 'h2' as HostName },
      { name: 'db.1', projectId: A, vmState: 'active', taskState: null, createdAt: 2, updatedAt: 30 },
      { name: 'Web', projectId: B, createdAt: 3, updatedAt: 5, locked: 'owner', configDrive: true },
      { name: 'gone', projectId: B, vmState: 'deleted', taskState: null, createdAt: 4, updatedAt: 40 },
      { name: 'other', projectId: B, createdAt: 0, updatedAt: 50, host: 'h1' as HostName, keyName: 'key' },
      {
        name: '🦉',
        projectId: B,
        powerState: 'running',
        availabilityZone: 'z',
        reservationId: 'r-x',
        createdAt: 0,
        image: { ...image, id: 'a1b2c3d4-0000-4000-8000-000000000009' as ImageId },
        flavor: { ...flavor, id: '9' as FlavorId },
      },
    ] as const;
    made = [];
    for (const fields of wanted) made.push(await the().store.servers.insert(sampleServer(fields)));
  });

  const list = async (filter: ServerFilter, page = PAGE) => {
    const servers = await the().store.servers.list(filter, page);
    const versions = await the().store.servers.listVersions(filter, page);
    assert.deepEqual(
      versions,
      servers.map(({ id, generation }) => ({ id, generation })),
    );
    return servers.map(({ name }) => name);
  };
  const find = async (filter: ServerFilter) => (await list(filter)).sort();
  const named = (name: string) => made.find((server) => server.name === name) as Server;

  it('shows the newest first, and of one moment the last that was made', async () => {
    assert.deepEqual(await list({}), ['Web', 'db.1', 'web-2', 'web-1', '🦉', 'other']);
  });

  it('narrows by each filter', async () => {
    const cases: [ServerFilter, string[]][] = [
      [{ projectId: A }, ['db.1', 'web-1', 'web-2']],
      [{ projectId: 'nobody' as ProjectId }, []],
      [{ vmStates: ['active', 'error'] }, ['db.1']],
      [{ vmStates: [] }, []],
      [{ taskStates: [null] }, ['db.1']],
      [{ projectId: A, taskStates: [null, 'scheduling'] }, ['db.1', 'web-1', 'web-2']],
      [{ powerState: 'running' }, ['🦉']],
      [{ powerState: 'no such' }, []],
      [{ host: 'h2' as HostName }, ['web-2']],
      [{ flavorId: '9' as FlavorId }, ['🦉']],
      [{ imageId: 'a1b2c3d4-0000-4000-8000-000000000009' as ImageId }, ['🦉']],
      [{ reservationId: 'r-x' }, ['🦉']],
      [{ keyName: 'key' }, ['other']],
      [{ availabilityZone: 'z' }, ['🦉']],
      [{ configDrive: true }, ['Web']],
      [{ locked: true }, ['Web']],
      [{ locked: false, projectId: B }, ['other', '🦉']],
      [{ uuid: named('web-1').id }, ['web-1']],
      [{ uuid: named('web-1').id, projectId: B }, []],
    ];
    for (const [filter, names] of cases)
      assert.deepEqual(await find(filter), names, `filter ${JSON.stringify(filter)}`);
  });

  it('narrows by tags: all, any, not all, not any', async () => {
    assert.deepEqual(await find({ tags: ['red', 'big'] }), ['web-1']);
    assert.deepEqual(await find({ tagsAny: ['red', 'big'] }), ['web-1', 'web-2']);
    assert.deepEqual(await find({ projectId: A, notTags: ['red', 'big'] }), ['db.1', 'web-2']);
    assert.deepEqual(await find({ projectId: A, notTagsAny: ['red', 'big'] }), ['db.1']);
  });

  it('takes the name as a regular expression, unanchored', async () => {
    assert.deepEqual(await find({ name: 'eb' }), ['Web', 'web-1', 'web-2']);
    assert.deepEqual(await find({ name: '^web-' }), ['web-1', 'web-2']);
    assert.deepEqual(await find({ name: '(1|2)$' }), ['db.1', 'web-1', 'web-2']);
    assert.deepEqual(await find({ name: '^.$' }), ['🦉']);
    assert.deepEqual(await find({ name: 'db\\.1' }), ['db.1']);
  });

  it('takes a name pattern that cannot be read for its letters, and never hangs on one', async () => {
    assert.deepEqual(await find({ name: '[' }), []);
    await the().store.servers.insert(sampleServer({ name: `${'a'.repeat(200)}[`, vmState: 'deleted' }));
    const long = await the().store.servers.list({ name: 'a[', deleted: true }, PAGE);
    assert.equal(long.length, 1);
    assert.deepEqual(await find({ name: '(a|a)*$b', deleted: true }), []);
    assert.deepEqual(await find({ name: `${'a?'.repeat(100)}${'a'.repeat(50)}b`, deleted: true }), []);
    await assert.rejects(list({ name: 'a'.repeat(256) }), { kind: 'invalid' });
  });

  it('shows deleted servers when asked for them, and since a moment', async () => {
    assert.deepEqual(await find({ deleted: true, projectId: B }), ['gone']);
    assert.deepEqual(await find({ changedSince: 30, projectId: B }), ['gone', 'other', '🦉']);
    assert.deepEqual(await find({ changedSince: 30, changedBefore: 40, projectId: B }), ['gone']);
    assert.deepEqual(await find({ changedBefore: 10 }), ['Web', 'web-1']);
    assert.deepEqual(await find({ changedSince: 30, deleted: false, projectId: A }), ['db.1']);
  });

  it('pages without gap or repetition, in any order, with ties and nulls', async () => {
    const orders: NonNullable<Page['sort']>[] = [
      [],
      [{ key: 'created_at', direction: 'asc' }],
      [{ key: 'host', direction: 'asc' }],
      [{ key: 'host', direction: 'desc' }],
      [
        { key: 'task_state', direction: 'desc' },
        { key: 'display_name', direction: 'asc' },
      ],
      [
        { key: 'vm_state', direction: 'asc' },
        { key: 'key_name', direction: 'desc' },
        { key: 'host', direction: 'asc' },
      ],
    ];
    for (const sort of orders) {
      const whole = await the().store.servers.list({}, { ...PAGE, sort });
      for (const limit of [1, 2, 3]) {
        const paged: ServerId[] = [];
        let marker: ServerId | undefined;
        do {
          const page = { limit, sort, ...(marker === undefined ? {} : { marker }) };
          const part = await the().store.servers.listVersions({}, page);
          assert.ok(part.length <= limit);
          paged.push(...part.map(({ id }) => id));
          marker = part.at(-1)?.id;
        } while (marker !== undefined);
        assert.deepEqual(
          paged,
          whole.map(({ id }) => id),
          `${JSON.stringify(sort)} by ${limit}`,
        );
      }
    }
  });

  it('puts nulls before everything else', async () => {
    const page: Page = { ...PAGE, sort: [{ key: 'host', direction: 'asc' }] };
    assert.deepEqual((await list({}, page)).slice(-2), ['other', 'web-2']);
    const reverse: Page = { ...PAGE, sort: [{ key: 'host', direction: 'desc' }] };
    assert.deepEqual((await list({}, reverse)).slice(0, 2), ['web-2', 'other']);
  });

  it('refuses markers and sort keys that it does not know', async () => {
    const marker = (id: string, filter: ServerFilter = {}) => list(filter, { ...PAGE, marker: id });
    await assert.rejects(marker('nobody'), { kind: 'invalid', message: 'marker [nobody] not found' });
    await assert.rejects(marker(named('Web').id, { projectId: A }), { kind: 'invalid' });
    for (const key of ['constructor', 'body', 'created_at; drop table servers'])
      await assert.rejects(list({}, { ...PAGE, sort: [{ key, direction: 'asc' }] }), { kind: 'invalid' });
  });
}
