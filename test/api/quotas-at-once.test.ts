import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import type { Answer, Asked } from './cloud-under-test.ts';
import { onEachStore } from './replicated-cloud.ts';

const EIGHT = 8;
const KEY = sshKey();

function sshKey(): string {
  const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const part = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  const blob = Buffer.concat([part(Buffer.from('ssh-ed25519')), part(Buffer.from(String(x), 'base64url'))]);
  return `ssh-ed25519 ${blob.toString('base64')}`;
}

onEachStore('the last place of a quota, wanted by eight at once, goes to one', [], (the) => {
  const member = (method: string, path: string, body?: unknown): Asked => {
    const { token } = the().cloud.member;
    return { method, path: `/compute/v2.1${path}`, token, version: '2.60', body };
  };
  const asAdmin = (method: string, path: string, body?: unknown): Asked => {
    return { method, path, token: the().cloud.admin, version: '2.60', body };
  };

  async function done(asked: Asked): Promise<Answer> {
    const answer = await the().ask(asked);
    assert.ok(answer.status < 300, `${asked.method} ${asked.path}: ${answer.status} ${answer.text}`);
    return answer;
  }

  const path = () => `/compute/v2.1/os-quota-sets/${the().cloud.member.projectId}`;

  /** Leaves so much of a quota: with -1, no limit again. */
  async function leave(name: string, left: number): Promise<void> {
    const { body } = await done(asAdmin('GET', `${path()}/detail`));
    const limit = left === -1 ? -1 : body.quota_set[name].in_use + left;
    await done(asAdmin('PUT', path(), { quota_set: { [name]: limit } }));
  }

  async function oneWins(asked: (index: number) => Asked, refused: number): Promise<Answer> {
    const answers = await the().atOnce(EIGHT, asked);
    const won = answers.filter(({ status }) => status < 300);
    const statuses = answers.map(({ status }) => status).join();
    assert.equal(won.length, 1, statuses);
    assert.equal(answers.filter(({ status }) => status === refused).length, EIGHT - 1, statuses);
    return won[0]!;
  }

  const create = (name: string, more: object = {}) => {
    const { image: imageRef } = the().cloud;
    const server = { name, flavorRef: 'small', imageRef, networks: 'none', ...more };
    return member('POST', '/servers', { server });
  };

  /** Deletes the member's servers, so that the others find room. */
  async function clear(): Promise<void> {
    const { body } = await done(member('GET', '/servers'));
    for (const { id } of body.servers) {
      await the().cloud.atRest(id);
      await done(member('DELETE', `/servers/${id}`));
    }
    for (const { id } of body.servers) assert.equal(await the().cloud.atRest(id), undefined);
  }

  for (const [name, unit] of [['instances', 1], ['cores', 1], ['ram', 64]] as const) // biome-ignore format: one line
    test(`of ${name}, by creates, also of several servers`, async () => {
      await leave(name, unit);
      await oneWins((index) => create(`s-${index}`), 403);
      await leave(name, 3 * unit);
      await oneWins((index) => create(`s-${index}`, { min_count: 2, max_count: 2 }), 403);
      await leave(name, -1);
      await clear();
    });

  test('of cores, by resizes', async () => {
    const { cloud } = the();
    const servers = await Promise.all(Array.from({ length: EIGHT }, () => cloud.server()));
    await leave('cores', 1);
    await oneWins(
      (index) => member('POST', `/servers/${servers[index]}/action`, { resize: { flavorRef: 'large' } }),
      403,
    );
    await Promise.all(servers.map((id) => cloud.atRest(id)));
    const { body } = await done(asAdmin('GET', `${path()}/detail`));
    assert.deepEqual(body.quota_set.cores, { limit: EIGHT + 1, in_use: EIGHT + 1, reserved: 0 });
    await leave('cores', -1);
    await clear();
  });

  test('of key_pairs, imported and made', async () => {
    await done(asAdmin('PUT', path(), { quota_set: { key_pairs: 1 } }));
    await oneWins(
      (index) => member('POST', '/os-keypairs', { keypair: { name: `k${index}`, public_key: KEY } }),
      403,
    );
    await done(asAdmin('PUT', path(), { quota_set: { key_pairs: 2 } }));
    await oneWins((index) => member('POST', '/os-keypairs', { keypair: { name: `g${index}` } }), 403);
  });

  test('of server_groups', async () => {
    await leave('server_groups', 1);
    await oneWins(
      () => member('POST', '/os-server-groups', { server_group: { name: 'g', policies: ['affinity'] } }),
      403,
    );
    await leave('server_groups', -1);
  });

  test('of server_group_members', async () => {
    const made = await done(
      member('POST', '/os-server-groups', { server_group: { name: 'm', policies: ['soft-affinity'] } }),
    );
    const group = made.body.server_group.id;
    await done(asAdmin('PUT', path(), { quota_set: { server_group_members: 1 } }));
    await oneWins((index) => {
      const asked = create(`m-${index}`);
      return { ...asked, body: { ...(asked.body as object), 'os:scheduler_hints': { group } } };
    }, 403);
  });

  test('of metadata_items', async () => {
    const id = await the().cloud.server({ metadata: { a: '1', b: '2' } });
    await done(asAdmin('PUT', path(), { quota_set: { metadata_items: 3 } }));
    await oneWins(
      (index) => member('POST', `/servers/${id}/metadata`, { metadata: { [`k${index}`]: 'v' } }),
      403,
    );
    const { body } = await done(member('GET', `/servers/${id}/metadata`));
    assert.equal(Object.keys(body.metadata).length, 3);
    await leave('metadata_items', -1);
  });

  test("of a server's 50 tags", async () => {
    const id = await the().cloud.server();
    const tags = Array.from({ length: 49 }, (_, index) => `t${index}`);
    await done(member('PUT', `/servers/${id}/tags`, { tags }));
    await oneWins((index) => member('PUT', `/servers/${id}/tags/new-${index}`), 400);
  });

  test("of an image's 128 tags, properties and members", async () => {
    const some = Array.from({ length: 127 }, (_, index) => `t${index}`);
    const properties = Object.fromEntries(some.map((key) => [key, 'v']));
    const image = { name: 'full', tags: some, ...properties };
    const { id } = (await done(asAdmin('POST', '/image/v2/images', image))).body;
    const { store } = the().cloud.service;
    for (const memberId of some)
      await store.images.putMember({
        imageId: id,
        memberId: memberId as never,
        status: 'pending',
        createdAt: 1,
        updatedAt: 1,
      });
    await oneWins((index) => asAdmin('PUT', `/image/v2/images/${id}/tags/new-${index}`), 413);
    const headers = { 'content-type': 'application/openstack-images-v2.1-json-patch' };
    const patch = (index: number) => [{ op: 'add', path: `/new-${index}`, value: 'v' }];
    await oneWins((index) => ({ ...asAdmin('PATCH', `/image/v2/images/${id}`, patch(index)), headers }), 413);
    await oneWins(
      (index) => asAdmin('POST', `/image/v2/images/${id}/members`, { member: `new-${index}` }),
      413,
    );
    assert.equal((await store.images.members(id)).length, 128);
  });

  test("of a project's 80 tags", async () => {
    const { projectId } = the().cloud.member;
    const tags = Array.from({ length: 79 }, (_, index) => `t${index}`);
    await done(asAdmin('PUT', `/v3/projects/${projectId}/tags`, { tags }));
    await oneWins((index) => asAdmin('PUT', `/v3/projects/${projectId}/tags/new-${index}`), 400);
  });
});
