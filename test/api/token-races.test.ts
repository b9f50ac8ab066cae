import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CloudUnderTest } from './cloud-under-test.ts';
import { onEachStore, type ReplicatedCloud } from './replicated-cloud.ts';

interface Somebody {
  readonly id: string;
  readonly project: string;
  readonly grant: string;
  readonly password: string;
}

let made = 0;

/** A new user with the role `member` on a new project. */
async function somebody({ cloud }: ReplicatedCloud): Promise<Somebody> {
  const name = `somebody-${made++}`;
  const password = `password of ${name}`;
  const project = (await admin(cloud, 'POST', '/projects', { project: { name } })).body.project.id;
  const id = (await admin(cloud, 'POST', '/users', { user: { name, password } })).body.user.id;
  const roles = await admin(cloud, 'GET', '/roles?name=member');
  const grant = `/projects/${project}/users/${id}/roles/${roles.body.roles[0].id}`;
  assert.equal((await admin(cloud, 'PUT', grant)).status, 204);
  return { id, project, grant, password };
}

function admin(cloud: CloudUnderTest, method: string, path: string, body?: object) {
  return cloud.ask({ method, path: `/identity/v3${path}`, token: cloud.admin, body });
}

function loginBody({ id, project, password }: Somebody) {
  return {
    auth: {
      identity: { methods: ['password'], password: { user: { id, password } } },
      scope: { project: { id: project } },
    },
  };
}

/** What a login gives: 401, or a token and what it is worth once everything has come to rest. */
async function tokensOfLogins(the: ReplicatedCloud, who: Somebody, meanwhile: () => Promise<unknown>) {
  const logins = the.atOnce(4, () => ({ method: 'POST', path: '/v3/auth/tokens', body: loginBody(who) }));
  const [answers] = await Promise.all([logins, meanwhile()]);
  const worth: number[] = [];
  for (const { status, headers, text } of answers) {
    assert.ok(status === 201 || status === 401, text);
    if (status === 201) worth.push(...(await worthOf(the, String(headers.get('x-subject-token')))));
  }
  return worth;
}

/** The status of a request with the token, on each replica, none of which has seen it before. */
async function worthOf({ urls }: ReplicatedCloud, token: string): Promise<number[]> {
  const headers = { 'x-auth-token': token };
  return Promise.all(urls.map(async (url) => (await fetch(`${url}/v3/auth/projects`, { headers })).status));
}

onEachStore('a token', [], (the) => {
  const ends: readonly (readonly [what: string, end: (who: Somebody) => Promise<unknown>])[] = [
    ['whose password an administrator sets', ({ id }) => admin(the().cloud, 'PATCH', `/users/${id}`, { user: { password: 'another' } })],
    ['who changes the password', ({ id, password }) => changePassword(id, password, 'another')],
    ['who is disabled', ({ id }) => admin(the().cloud, 'PATCH', `/users/${id}`, { user: { enabled: false } })],
    ['who is deleted', ({ id }) => admin(the().cloud, 'DELETE', `/users/${id}`)],
    ['whose project is disabled', ({ project }) => admin(the().cloud, 'PATCH', `/projects/${project}`, { project: { enabled: false } })],
    ['whose project is deleted', ({ project }) => admin(the().cloud, 'DELETE', `/projects/${project}`)],
    ['whose role is taken away', ({ grant }) => admin(the().cloud, 'DELETE', grant)],
  ]; // biome-ignore format: one line each

  function changePassword(id: string, original: string, password: string) {
    const user = { password, original_password: original };
    return the().ask({
      method: 'POST',
      path: `/v3/users/${id}/password`,
      token: the().cloud.admin,
      body: { user },
    });
  }

  for (const [what, end] of ends)
    test(`is worth nothing where it is being issued to a user ${what}`, async () => {
      const rounds = await Promise.all(
        [0, 1].map(async () => {
          const who = await somebody(the());
          return tokensOfLogins(the(), who, () => end(who));
        }),
      );
      assert.deepEqual(
        rounds.flat().filter((status) => status !== 401),
        [],
      );
    });

  test('that is made of one that is being revoked is worth nothing, or is made before', async () => {
    const who = await somebody(the());
    const first = await the().ask({ method: 'POST', path: '/v3/auth/tokens', body: loginBody(who) });
    const token = String(first.headers.get('x-subject-token'));
    const body = { auth: { identity: { methods: ['token'], token: { id: token } } } };
    const revoke = {
      method: 'DELETE',
      path: '/v3/auth/tokens',
      token,
      headers: { 'x-subject-token': token },
    };
    const reissued = the().atOnce(8, () => ({ method: 'POST', path: '/v3/auth/tokens', body }));
    assert.equal((await the().ask(revoke)).status, 204);
    for (const { status } of await reissued) assert.ok(status === 201 || status === 401);
    const late = await the().ask({ method: 'POST', path: '/v3/auth/tokens', body });
    assert.equal(late.status, 401);
  });

  test('is not revived when its disabled user, project or domain is enabled again', async () => {
    const { cloud } = the();
    const domain = (await admin(cloud, 'POST', '/domains', { domain: { name: `d-${made++}` } })).body.domain
      .id;
    const inDomain = await somebody(the());
    const moved = (
      await admin(cloud, 'POST', '/projects', { project: { name: 'of the domain', domain_id: domain } })
    ).body.project.id;
    const grant = inDomain.grant.replace(inDomain.project, moved);
    assert.equal((await admin(cloud, 'PUT', grant)).status, 204);
    const users = await somebody(the());
    const projects = await somebody(the());
    const cases: readonly [Somebody, string, string][] = [
      [users, `/users/${users.id}`, 'user'],
      [projects, `/projects/${projects.project}`, 'project'],
      [{ ...inDomain, project: moved }, `/domains/${domain}`, 'domain'],
    ];
    for (const [who, path, noun] of cases) {
      const login = await the().ask({ method: 'POST', path: '/v3/auth/tokens', body: loginBody(who) });
      assert.equal(login.status, 201, noun);
      for (const enabled of [false, true])
        assert.equal((await admin(cloud, 'PATCH', path, { [noun]: { enabled } })).status, 200);
      const token = String(login.headers.get('x-subject-token'));
      assert.deepEqual([...new Set(await worthOf(the(), token))], [401], noun);
    }
  });

  test('is refused by the replica that ended it as soon as that has answered', async () => {
    for (const [what, end] of ends) {
      const who = await somebody(the());
      const [url] = the().urls;
      const login = await the().cloud.ask({ method: 'POST', path: '/v3/auth/tokens', body: loginBody(who) });
      const token = String(login.headers.get('x-subject-token'));
      const seen = () => fetch(`${url}/compute/v2.1/servers`, { headers: { 'x-auth-token': token } });
      assert.equal((await seen()).status, 200, what);
      if (what === 'who changes the password') {
        const user = { password: 'another', original_password: who.password };
        const path = `/v3/users/${who.id}/password`;
        assert.equal((await the().cloud.ask({ method: 'POST', path, token, body: { user } })).status, 204);
      } else await end(who);
      assert.equal((await seen()).status, 401, what);
    }
  });

  test('of two password changes at once from the same old password, one is made', async () => {
    const who = await somebody(the());
    const answers = await Promise.all(
      [0, 1, 2, 3].map((index) => changePassword(who.id, who.password, `new-${index}`)),
    );
    const won = answers.flatMap(({ status }, index) => (status === 204 ? [index] : []));
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [204, 401, 401, 401]);
    const login = loginBody({ ...who, password: `new-${won[0]}` });
    assert.equal((await the().ask({ method: 'POST', path: '/v3/auth/tokens', body: login })).status, 201);
  });

  test('gives no rights of an administrator for a role that a domain calls admin', async () => {
    const { cloud } = the();
    const who = await somebody(the());
    const role = await admin(cloud, 'POST', '/roles', { role: { name: 'admin', domain_id: 'default' } });
    assert.equal(role.status, 201, role.text);
    const grant = who.grant.replace(/[^/]*$/, role.body.role.id);
    assert.equal((await admin(cloud, 'PUT', grant)).status, 204);
    const login = await the().ask({ method: 'POST', path: '/v3/auth/tokens', body: loginBody(who) });
    assert.deepEqual(login.body.token.roles.map(({ name }: { name: string }) => name).toSorted(), [
      'member',
      'reader',
    ]);
    const token = String(login.headers.get('x-subject-token'));
    assert.equal((await the().ask({ path: '/v3/users', token })).status, 403);
    assert.equal((await admin(cloud, 'DELETE', who.grant)).status, 204);
    assert.equal(
      (await the().ask({ method: 'POST', path: '/v3/auth/tokens', body: loginBody(who) })).status,
      401,
    );
  });
});
