import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { ADMIN_PASSWORD, type ApiUnderTest, passwordAuth, startApi } from './api-under-test.ts';

const ATTEMPTS = 3;
const DURATION_SECONDS = 600;
let api: ApiUnderTest;
let admin: string;
before(async () => {
  api = await startApi({
    settings: [
      ['security_compliance', 'lockout_failure_attempts', String(ATTEMPTS)],
      ['security_compliance', 'lockout_duration', String(DURATION_SECONDS)],
    ],
  });
  admin = await api.adminToken();
});
after(() => api.close());

async function user(name: string): Promise<string> {
  const payload = { user: { name, password: `password of ${name}` } };
  return (await api.ask(admin, { method: 'POST', url: '/v3/users', payload })).json().user.id;
}

const logIn = (name: string, password = `password of ${name}`) =>
  api.ask(undefined, { method: 'POST', url: '/v3/auth/tokens', payload: passwordAuth(name, password) });

async function failTimes(name: string, times: number): Promise<void> {
  for (let time = 0; time < times; time++) assert.equal((await logIn(name, 'wrong')).statusCode, 401);
}

describe('a user who fails too often', () => {
  test("is locked out, in Keystone's words, until the time is over", async () => {
    const id = await user('locked');
    await failTimes('locked', ATTEMPTS);
    const refused = await logIn('locked');
    assert.equal(refused.statusCode, 401);
    assert.equal(refused.json().error.message, `The account is locked for user: ${id}.`);
    api.advance(DURATION_SECONDS * 1000 + 1);
    assert.equal((await logIn('locked')).statusCode, 201);
    admin = await api.adminToken();
  });

  test('is not locked by failures before a right password, nor by those of others', async () => {
    await user('careless');
    await user('other');
    await failTimes('careless', ATTEMPTS - 1);
    assert.equal((await logIn('careless')).statusCode, 201);
    await failTimes('careless', ATTEMPTS - 1);
    await failTimes('other', ATTEMPTS);
    await failTimes('nobody of that name', ATTEMPTS + 1);
    assert.equal((await logIn('careless')).statusCode, 201);
  });

  test('is counted where the password is changed too, and by all replicas', async () => {
    const id = await user('changer');
    const token = String((await logIn('changer')).headers['x-subject-token']);
    const payload = { user: { original_password: 'wrong', password: 'new' } };
    for (let time = 0; time < ATTEMPTS; time++)
      await api.ask(token, { method: 'POST', url: `/v3/users/${id}/password`, payload });
    assert.equal((await logIn('changer')).statusCode, 401);
    assert.equal((await api.store.failedLogins.of(id as never))?.count, ATTEMPTS);
  });

  test('gets no more guesses side by side than one after the other', async () => {
    await user('raced');
    await Promise.all(Array.from({ length: 2 * ATTEMPTS }, () => logIn('raced', 'wrong')));
    assert.match((await logIn('raced')).json().error.message, /is locked/);
  });

  test('is let in by an administrator who enables the user or sets a password', async () => {
    for (const [name, change] of [
      ['enabled', { enabled: true }],
      ['renewed', { password: 'password of renewed' }],
    ] as const) {
      const id = await user(name);
      await failTimes(name, ATTEMPTS);
      assert.equal((await logIn(name)).statusCode, 401);
      await api.ask(admin, { method: 'PATCH', url: `/v3/users/${id}`, payload: { user: change } });
      assert.equal((await logIn(name)).statusCode, 201, name);
    }
  });
});

test('beside a flood of wrong passwords from elsewhere a right one is answered after a few others', async (t) => {
  const plain = await startApi();
  t.after(() => plain.close());
  await plain.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = plain.app.server.address() as AddressInfo;
  const agent = new Agent({ maxSockets: 300 });
  t.after(() => agent.destroy());
  const statuses: number[] = [];
  const tooMany = Promise.withResolvers<string | undefined>();
  const post = (localAddress: string, body: object) =>
    new Promise<number>((resolve) => {
      const sent = request(
        { host: '127.0.0.1', port, localAddress, agent, method: 'POST', path: '/v3/auth/tokens',
          headers: { 'content-type': 'application/json' } },
        (answer) => {
          if (answer.statusCode === 429) tooMany.resolve(answer.headers['retry-after']);
          answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
        },
      ); // biome-ignore format: one request
      sent.on('error', () => resolve(0)).end(JSON.stringify(body));
    });
  for (let index = 0; index < 300; index++)
    void post('127.0.0.2', passwordAuth(index % 2 === 0 ? 'admin' : `name ${index}`, 'wrong')).then(
      (status) => statuses.push(status),
    );
  assert.equal(await tooMany.promise, '1');
  const hashed = () => statuses.filter((status) => status === 401).length;
  const before = hashed();
  assert.equal(await post('127.0.0.1', passwordAuth('admin', ADMIN_PASSWORD)), 201);
  assert.ok(hashed() - before < 60, `${hashed() - before} others were checked first`);
});
