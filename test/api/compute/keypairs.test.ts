import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { readSshPublicKey } from '../../../src/api/compute/ssh-key.ts';
import { type ComputeUnderTest, keysOf, startCompute } from './compute-under-test.ts';

const ED25519 =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAKDo3NGXAaHmVm0g6BEqMYqDMf7NRbkTIkBBJ8BcmiW somebody@example.org';
const FINGERPRINT = /^[0-9a-f]{2}(:[0-9a-f]{2}){15}$/;

type Keypair = Record<string, unknown> & { name: string };

describe('keypairs', () => {
  let compute: ComputeUnderTest;
  const create = (keypair: object, version?: number, token?: string) =>
    compute.ask({
      method: 'POST',
      path: '/os-keypairs',
      body: { keypair },
      ...(version && { version }),
      ...(token && { token }),
    });
  before(async () => {
    compute = await startCompute();
    await create({ name: 'mine', public_key: ED25519 });
  });
  after(() => compute.close());

  test('the shapes of create, list and show at 2.1, 2.2 and 2.92', async () => {
    for (const [version, status, type] of [
      [1, 200, []],
      [2, 201, ['type']],
      [10, 201, ['type']],
      [92, 201, ['type']],
    ] as const) {
      const made = await create({ name: `at${version}`, public_key: ED25519 }, version);
      assert.equal(made.statusCode, status);
      const common = ['fingerprint', 'name', 'public_key', ...type];
      assert.deepEqual(keysOf(made.json().keypair), [...common, 'user_id'].toSorted());
      const { keypairs } = await compute.get<{ keypairs: { keypair: Keypair }[] }>({
        path: '/os-keypairs',
        version,
      });
      assert.deepEqual(keysOf(keypairs[0]!.keypair), common.toSorted());
      const { keypair } = await compute.get<{ keypair: Keypair }>({
        path: `/os-keypairs/at${version}`,
        version,
      });
      assert.deepEqual(
        keysOf(keypair),
        [...common, 'user_id', 'created_at', 'deleted', 'deleted_at', 'id', 'updated_at'].toSorted(),
      );
      assert.match(String(keypair.created_at), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    }
  });

  test("a fingerprint is the key's MD5 with colons", async () => {
    const { keypair } = await compute.get<{ keypair: Keypair }>({ path: '/os-keypairs/mine' });
    assert.match(String(keypair.fingerprint), FINGERPRINT);
    assert.equal(keypair.public_key, ED25519);
  });

  test('a pair that is made here: the private key belongs to the public one', async () => {
    const { keypair } = (await create({ name: 'made' })).json();
    assert.equal(createPrivateKey(keypair.private_key).asymmetricKeyType, 'rsa');
    assert.equal(readSshPublicKey(keypair.public_key)?.type, 'ssh-rsa');
    assert.match(keypair.fingerprint, FINGERPRINT);
    const { keypair: shown } = await compute.get<{ keypair: Keypair }>({ path: '/os-keypairs/made' });
    assert.equal(shown.private_key, undefined);
    const refused = await create({ name: 'made2' }, 92);
    assert.equal(refused.statusCode, 400);
    assert.match(refused.json().badRequest.message, /'public_key' is a required property/);
  });

  const badKeys = [
    '',
    'ssh-rsa',
    'ssh-rsa AAAA',
    'ssh-rsa !!!!',
    `${ED25519}\nssh-rsa AAAA`,
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5',
    ED25519.replace('ssh-ed25519 ', 'ssh-rsa '),
  ];
  for (const public_key of badKeys)
    test(`refuses the key ${JSON.stringify(public_key.slice(0, 30))}`, async () => {
      const answer = await create({ name: 'bad', public_key });
      assert.equal(answer.statusCode, 400);
      assert.equal(
        answer.json().badRequest.message,
        'Keypair data is invalid: failed to generate fingerprint',
      );
      await compute.get({ path: '/os-keypairs/bad' }, 404);
    });

  test('a certificate that is none', async () => {
    const answer = await create({ name: 'cert', type: 'x509', public_key: 'x' }, 2);
    assert.match(
      answer.json().badRequest.message,
      /^Keypair data is invalid: failed to generate X509 fingerprint/,
    );
    assert.equal((await create({ name: 'cert', type: 'x509' }, 2)).statusCode, 501);
  });

  test('names: letters, digits, space, - and _; from 2.92 also @ and .', async () => {
    for (const name of ['a/b', ' a', 'a\n', 'é', '', 'a'.repeat(256)])
      assert.equal((await create({ name, public_key: ED25519 }, 92)).statusCode, 400, name);
    assert.equal((await create({ name: 'a@b.c', public_key: ED25519 }, 91)).statusCode, 400);
    assert.equal((await create({ name: 'a@b.c', public_key: ED25519 }, 92)).statusCode, 201);
  });

  test('a name is used once by a user', async () => {
    const answer = await create({ name: 'mine', public_key: ED25519 });
    assert.deepEqual(answer.json(), {
      conflictingRequest: { code: 409, message: "Key pair 'mine' already exists." },
    });
    assert.equal(
      (await create({ name: 'mine', public_key: ED25519 }, 1, compute.member.token)).statusCode,
      200,
    );
  });

  test("another user's keypairs are for administrators, from 2.10", async () => {
    const { userId, token } = compute.member;
    const names = async (path: string, version: number) =>
      (await compute.get<{ keypairs: { keypair: Keypair }[] }>({ path, version })).keypairs.map(
        (k) => k.keypair.name,
      );
    assert.deepEqual(await names(`/os-keypairs?user_id=${userId}`, 10), ['mine']);
    assert.ok((await names(`/os-keypairs?user_id=${userId}`, 9)).length > 1);
    const made = await create({ name: 'given', public_key: ED25519, user_id: userId }, 10);
    assert.equal(made.json().keypair.user_id, userId);
    await compute.get({ path: '/os-keypairs/given', token });
    const theirs = `/os-keypairs?user_id=${compute.api.adminUser}`;
    const refused = await compute.get<{ forbidden: { message: string } }>(
      { path: theirs, version: 10, token },
      403,
    );
    assert.equal(
      refused.forbidden.message,
      "Policy doesn't allow os_compute_api:os-keypairs:index to be performed.",
    );
    assert.equal((await create({ name: 'x', public_key: ED25519, user_id: userId }, 9)).statusCode, 400);
    assert.equal((await create({ name: 'x', public_key: ED25519, user_id: 'nobody' }, 10)).statusCode, 400);
  });

  test('pages from 2.35', async () => {
    type Page = { keypairs: { keypair: Keypair }[]; keypairs_links?: { href: string }[] };
    const whole = await compute.get<Page>({ path: '/os-keypairs?limit=1', version: 34 });
    assert.ok(whole.keypairs.length > 1);
    assert.equal(whole.keypairs_links, undefined);
    const names: string[] = [];
    let path: string | undefined = '/os-keypairs?limit=2';
    while (path !== undefined) {
      const page: Page = await compute.get({ path, version: 35 });
      names.push(...page.keypairs.map(({ keypair }) => keypair.name));
      path = page.keypairs_links?.[0]?.href.replace(/^.*\/compute\/v2\.1/, '');
    }
    assert.deepEqual(
      names,
      whole.keypairs.map(({ keypair }) => keypair.name),
    );
    const unknown = await compute.get<{ badRequest: { message: string } }>(
      { path: '/os-keypairs?marker=zz', version: 35 },
      400,
    );
    assert.equal(unknown.badRequest.message, 'marker [zz] not found');
  });

  test('deleting: 202 at 2.1, 204 from 2.2, then 404', async () => {
    for (const [version, status] of [
      [1, 202],
      [2, 204],
    ] as const) {
      await create({ name: 'gone', public_key: ED25519 });
      const gone = await compute.ask({ method: 'DELETE', path: '/os-keypairs/gone', version });
      assert.deepEqual([gone.statusCode, gone.body], [status, '']);
    }
    const answer = await compute.get<{ itemNotFound: { message: string } }>(
      { path: '/os-keypairs/gone' },
      404,
    );
    assert.equal(answer.itemNotFound.message, `Keypair gone not found for user ${compute.api.adminUser}`);
  });

  test('no more than the quota', async () => {
    const project = compute.member.projectId;
    const body = { quota_set: { key_pairs: 2 } };
    await compute.get({ method: 'PUT', path: `/os-quota-sets/${project}`, body });
    const answer = await create({ name: 'third', public_key: ED25519 }, 1, compute.member.token);
    assert.equal(answer.statusCode, 403);
    assert.deepEqual(answer.json(), {
      forbidden: { code: 403, message: 'Quota exceeded, too many key pairs.' },
    });
  });
});
