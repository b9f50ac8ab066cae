import assert from 'node:assert/strict';
import { argon2Sync } from 'node:crypto';
import { after, before, test } from 'node:test';
import { bootstrapIdentity } from '../../src/api/identity/bootstrap.ts';
import { type ApiUnderTest, passwordAuth, startApi } from './api-under-test.ts';

let api: ApiUnderTest;
let admin: string;
before(async () => {
  api = await startApi();
  admin = await api.adminToken();
});
after(() => api.close());

/** As an earlier version stored an empty password. */
function hashOfNothing(): string {
  const nonce = Buffer.alloc(16, 7);
  const tag = argon2Sync('argon2id', {
    message: '',
    nonce,
    tagLength: 32,
    memory: 64,
    passes: 1,
    parallelism: 1,
  });
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=64,t=1,p=1$${text(nonce)}$${text(tag)}`;
}

async function makeUser(name: string, password: string): Promise<string> {
  const user = { name, password, default_project_id: null };
  const answer = await api.ask(admin, { method: 'POST', url: '/identity/v3/users', payload: { user } });
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json().user.id;
}

const login = async (name: string, password: string) =>
  (
    await api.ask(undefined, {
      method: 'POST',
      url: '/identity/v3/auth/tokens',
      payload: passwordAuth(name, password),
    })
  ).statusCode;

test('an empty password is refused wherever one is set: 400, and nothing changes', async () => {
  const id = await makeUser('carla', 'first');
  const own = (
    await api.ask(undefined, {
      method: 'POST',
      url: '/identity/v3/auth/tokens',
      payload: passwordAuth('carla', 'first'),
    })
  ).headers['x-subject-token'] as string;
  const set = [
    [admin, { method: 'POST', url: '/identity/v3/users', payload: { user: { name: 'dora', password: '' } } }],
    [admin, { method: 'PATCH', url: `/identity/v3/users/${id}`, payload: { user: { password: '' } } }],
    [
      own,
      {
        method: 'POST',
        url: `/identity/v3/users/${id}/password`,
        payload: { user: { password: '', original_password: 'first' } },
      },
    ],
  ] as const;
  for (const [token, request] of set) {
    const answer = await api.ask(token, request);
    assert.equal(answer.statusCode, 400, `${request.url}: ${answer.body}`);
    assert.match(answer.body, /password/i);
  }
  assert.equal(await login('carla', 'first'), 201);
  const users = await api.ask(admin, { url: '/identity/v3/users?name=dora' });
  assert.deepEqual(users.json().users, []);
});

test('an empty password lets nobody in, not even whom an earlier version gave one', async () => {
  const id = await makeUser('emil', 'first');
  await api.store.identity.users.update(id, { passwordHash: hashOfNothing() });
  assert.equal(await login('emil', ''), 401);
  assert.equal(await login('nobody', ''), 401);
  assert.equal(await login('emil', 'first'), 401);
});

test('the next start gives the admin the password of the file, where an earlier version gave an empty one', async () => {
  const other = await startApi();
  try {
    const find = async () => (await other.store.identity.users.list({ name: 'admin' }))[0]!;
    const { id, passwordHash: before } = await find();
    await bootstrapIdentity(other.store, { adminPassword: 'another' });
    assert.equal((await find()).passwordHash, before, 'a password that is one stays');
    await other.store.identity.users.update(id, { passwordHash: hashOfNothing() });
    const { madeAdmin } = await bootstrapIdentity(other.store, { adminPassword: 'of the file' });
    assert.equal(madeAdmin, false);
    const answer = await other.ask(undefined, {
      method: 'POST',
      url: '/identity/v3/auth/tokens',
      payload: passwordAuth('admin', 'of the file'),
    });
    assert.equal(answer.statusCode, 201);
  } finally {
    await other.close();
  }
});

test('a first start makes no admin without a password', async () => {
  const other = await startApi();
  try {
    const [user] = await other.store.identity.users.list({ name: 'admin' });
    await other.store.identity.users.delete(user!.id);
    await assert.rejects(bootstrapIdentity(other.store, { adminPassword: '' }), {
      kind: 'invalid',
      message: /at least one character/,
    });
    assert.deepEqual(await other.store.identity.users.list({ name: 'admin' }), []);
  } finally {
    await other.close();
  }
});
