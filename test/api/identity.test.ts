import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createAuthenticator } from '../../src/api/identity/authenticate.ts';
import { bootstrapIdentity } from '../../src/api/identity/bootstrap.ts';
import { CallerCache } from '../../src/api/identity/caller-cache.ts';
import { type ApiUnderTest, passwordAuth, startApi } from './api-under-test.ts';

const TOKENS = '/identity/v3/auth/tokens';
const PASSWORD = 'correct horse battery staple';
let api: ApiUnderTest;
let admin: string;
before(async () => {
  api = await startApi();
  admin = await api.adminToken();
});
after(() => api.close());

async function make(noun: string, fields: object): Promise<{ id: string } & Record<string, unknown>> {
  const answer = await api.ask(admin, {
    method: 'POST',
    url: `/identity/v3/${noun}s`,
    payload: { [noun]: fields },
  });
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json()[noun];
}

test('discovery links to where it was asked, and the catalog to where services answer', async () => {
  for (const [path, self] of [
    ['/identity/v3', '/identity/v3/'],
    ['/identity/v3/', '/identity/v3/'],
    ['/v3', '/v3/'],
  ]) {
    const answer = await api.ask(undefined, { url: path!, headers: { host: 'cloud:8774' } });
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.json().version.links[0].href, `http://cloud:8774${self}`);
  }
  for (const path of ['/identity', '/identity/', '/']) {
    const answer = await api.ask(undefined, { url: path, headers: { host: 'cloud:8774' } });
    assert.equal(answer.statusCode, 300);
    assert.equal(answer.headers.location, answer.json().versions.values[0].links[0].href);
  }
  const { catalog } = (await api.ask(admin, { url: '/v3/auth/catalog' })).json();
  assert.deepEqual(
    catalog.map(({ type }: { type: string }) => type),
    ['compute', 'image', 'network', 'identity'],
  );
  for (const { endpoints } of catalog)
    for (const { url } of endpoints) {
      const answer = await api.ask(undefined, { url: new URL(url).pathname });
      assert.ok([200, 300].includes(answer.statusCode), `${url} answers ${answer.statusCode}`);
    }
});

test("a token's body names user, project, roles with those implied, and the catalog; the token is in no file", async () => {
  const answer = await api.ask(undefined, {
    method: 'POST',
    url: TOKENS,
    payload: passwordAuth('admin', PASSWORD, 'admin'),
  });
  assert.equal(answer.statusCode, 201);
  const { token } = answer.json();
  assert.deepEqual(token.methods, ['password']);
  assert.deepEqual(token.user.domain, { id: 'default', name: 'Default' });
  assert.equal(token.project.id, api.adminProject);
  assert.deepEqual(token.roles.map(({ name }: { name: string }) => name).sort(), [
    'admin',
    'member',
    'reader',
  ]);
  assert.match(token.expires_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.equal(token.catalog.length, 4);
  const text = String(answer.headers['x-subject-token']);
  assert.match(text, /^[A-Za-z0-9_-]{43}$/);
  const files = readdirSync(api.folder).filter((name) => name.startsWith('store'));
  assert.ok(files.length > 0);
  for (const name of files) assert.ok(!readFileSync(join(api.folder, name)).includes(text), name);
});

test('the catalog is left out when it is not wanted', async () => {
  const payload = passwordAuth('admin', PASSWORD, 'admin');
  const answer = await api.ask(undefined, { method: 'POST', url: `${TOKENS}?nocatalog`, payload });
  assert.equal(answer.json().token.catalog, undefined);
});

test('a wrong password, an unknown user and an unusable project get the very same refusal', async () => {
  const { token } = await api.projectWith('member', 'elsewhere');
  assert.notEqual(token, '');
  const bodies = new Set<string>();
  for (const payload of [
    passwordAuth('admin', 'wrong', 'admin'),
    passwordAuth('nobody', PASSWORD, 'admin'),
    passwordAuth('admin', PASSWORD, 'no-such-project'),
    passwordAuth('admin', PASSWORD, 'elsewhere'),
  ]) {
    const answer = await api.ask(undefined, { method: 'POST', url: TOKENS, payload });
    assert.equal(answer.statusCode, 401);
    assert.match(String(answer.headers['www-authenticate']), /^Keystone uri="http:.*\/identity\/v3"$/);
    bodies.add(answer.body);
  }
  assert.equal(bodies.size, 1);
});

const user = { id: 'x', password: 'x' };
const badAuth: [string, unknown, number][] = [
  ['no body', undefined, 400],
  ['no JSON', '{', 400],
  ['a list', [], 400],
  ['nothing in auth', { auth: {} }, 400],
  ['no methods', { auth: { identity: { methods: [] } } }, 400],
  ['a method without its part', { auth: { identity: { methods: ['password'] } } }, 400],
  ['a user without domain', passwordWith({ name: 'admin', password: 'x' }), 400],
  ['no user', passwordWith({ password: 'x' }), 400],
  ['a password that is no text', passwordWith({ id: 'x', password: 7 }), 400],
  ['a password that is too long', passwordWith({ id: 'x', password: 'x'.repeat(4097) }), 400],
  ['an unknown domain', passwordWith({ name: 'admin', domain: { name: 'x' }, password: 'x' }), 401],
  ['an unknown method', { auth: { identity: { methods: ['magic'] } } }, 401],
  ['a forged token', { auth: { identity: { methods: ['token'], token: { id: 'x'.repeat(43) } } } }, 401],
  ['a token that is none', { auth: { identity: { methods: ['token'], token: { id: '../../etc' } } } }, 401],
  ['an application credential', { auth: { identity: { methods: ['application_credential'] } } }, 501],
  ['a scope that is a word', { auth: { ...passwordWith(user).auth, scope: 'all' } }, 400],
];
function passwordWith(of: object) {
  return { auth: { identity: { methods: ['password'], password: { user: of } } } };
}
for (const [title, payload, status] of badAuth)
  test(`authentication with ${title} is ${status}`, async () => {
    const answer = await api.ask(undefined, {
      method: 'POST',
      url: TOKENS,
      ...(payload === undefined ? {} : { payload: payload as object }),
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(answer.statusCode, status, answer.body);
    assert.equal(answer.json().error.code, status);
    assert.equal(answer.headers['x-subject-token'], undefined);
  });

test('scopes that are not built say so', async () => {
  for (const scope of [{ domain: { id: 'default' } }, { system: { all: true } }]) {
    const payload = { auth: { ...passwordAuth('admin', PASSWORD).auth, scope } };
    const answer = await api.ask(undefined, { method: 'POST', url: TOKENS, payload });
    assert.equal(answer.statusCode, 501);
  }
});

test('without a scope: the default project if there is one, else no scope at all', async () => {
  const unscoped = await api.ask(undefined, {
    method: 'POST',
    url: TOKENS,
    payload: passwordAuth('admin', PASSWORD),
  });
  assert.deepEqual(
    ['project', 'roles', 'catalog'].map((key) => unscoped.json().token[key]),
    [undefined, undefined, undefined],
  );
  const { userId, projectId } = await api.projectWith('member', 'home');
  const user = { default_project_id: projectId };
  await api.ask(admin, { method: 'PATCH', url: `/identity/v3/users/${userId}`, payload: { user } });
  const payload = passwordAuth('home', 'password of home');
  const scoped = await api.ask(undefined, { method: 'POST', url: TOKENS, payload });
  assert.equal(scoped.json().token.project.id, projectId);
  const explicit = { auth: { ...payload.auth, scope: 'unscoped' } };
  const none = await api.ask(undefined, { method: 'POST', url: TOKENS, payload: explicit });
  assert.equal(none.json().token.project, undefined);
});

test('a token can be made from a token: it lives no longer, and names its parent', async () => {
  const first = await api.ask(undefined, {
    method: 'POST',
    url: TOKENS,
    payload: passwordAuth('admin', PASSWORD),
  });
  api.advance(1000);
  const id = first.headers['x-subject-token'];
  const scope = { project: { id: api.adminProject } };
  const payload = { auth: { identity: { methods: ['token'], token: { id } }, scope } };
  const second = await api.ask(undefined, { method: 'POST', url: TOKENS, payload });
  assert.equal(second.statusCode, 201, second.body);
  const { token } = second.json();
  assert.equal(token.expires_at, first.json().token.expires_at);
  assert.equal(token.audit_ids[1], first.json().token.audit_ids[0]);
  assert.deepEqual(token.methods, ['token', 'password']);
});

test('show, check and revoke a token', async () => {
  const token = await api.adminToken();
  const headers = { 'x-subject-token': token };
  const shown = await api.ask(admin, { url: TOKENS, headers });
  assert.equal(shown.statusCode, 200);
  assert.equal(shown.headers['x-subject-token'], token);
  assert.equal(shown.headers.vary, 'X-Auth-Token');
  const checked = await api.ask(admin, { method: 'HEAD', url: TOKENS, headers });
  assert.deepEqual([checked.statusCode, checked.body], [200, '']);
  assert.equal((await api.ask(admin, { method: 'DELETE', url: TOKENS, headers })).statusCode, 204);
  assert.equal((await api.ask(token, { url: '/identity/v3/auth/projects' })).statusCode, 401);
  assert.equal((await api.ask(admin, { url: TOKENS, headers })).statusCode, 404);
});

test("nobody is shown another user's token", async () => {
  const { token } = await api.projectWith('member', 'curious');
  const answer = await api.ask(token, { url: TOKENS, headers: { 'x-subject-token': admin } });
  assert.equal(answer.statusCode, 403);
  assert.ok(!answer.body.includes('admin'));
});

type Someone = Awaited<ReturnType<ApiUnderTest['projectWith']>>;
const patch = (url: string, payload: object) => api.ask(admin, { method: 'PATCH', url, payload });
const ends: [string, (of: Someone) => Promise<unknown>][] = [
  ['the user is disabled', ({ userId }) => patch(`/v3/users/${userId}`, { user: { enabled: false } })],
  ['the user is deleted', ({ userId }) => api.ask(admin, { method: 'DELETE', url: `/v3/users/${userId}` })],
  [
    'an administrator sets a password',
    ({ userId }) => patch(`/v3/users/${userId}`, { user: { password: 'x' } }),
  ],
  [
    'the project is disabled',
    ({ projectId }) => patch(`/v3/projects/${projectId}`, { project: { enabled: false } }),
  ],
  [
    'the project is deleted',
    ({ projectId }) => api.ask(admin, { method: 'DELETE', url: `/v3/projects/${projectId}` }),
  ],
  [
    'the role is taken away',
    async ({ userId, projectId }) => {
      const grants = `/v3/projects/${projectId}/users/${userId}/roles`;
      const [role] = (await api.ask(admin, { url: grants })).json().roles;
      return api.ask(admin, { method: 'DELETE', url: `${grants}/${role.id}` });
    },
  ],
];
for (const [index, [title, end]] of ends.entries())
  test(`a token ends at once when ${title}`, async () => {
    const someone = await api.projectWith('member', `ends-${index}`);
    const url = '/v3/auth/projects';
    assert.equal((await api.ask(someone.token, { url })).statusCode, 200);
    await end(someone);
    assert.equal((await api.ask(someone.token, { url })).statusCode, 401);
  });

test('a changed password ends tokens; the old one must be named rightly', async () => {
  const { token, userId } = await api.projectWith('member', 'changer');
  const url = `/v3/users/${userId}/password`;
  const change = (original_password: string) =>
    api.ask(token, { method: 'POST', url, payload: { user: { password: 'new', original_password } } });
  assert.equal((await change('wrong')).statusCode, 401);
  assert.equal((await change('password of changer')).statusCode, 204);
  assert.equal((await api.ask(token, { url: '/v3/auth/projects' })).statusCode, 401);
  assert.match(await api.tokenOf('changer', 'new', 'changer'), /./);
  await assert.rejects(api.tokenOf('changer', 'password of changer', 'changer'));
});

test('a token that another process revoked is believed for seconds only', async () => {
  let ahead = 0;
  const authenticator = createAuthenticator({
    store: api.store,
    now: () => Date.now() + ahead,
    cache: new CallerCache(100),
  });
  const token = await api.adminToken();
  const caller = await authenticator.authenticate(token);
  assert.equal(caller?.isAdmin, true);
  await api.store.tokens.delete(caller?.tokenHash ?? '');
  assert.deepEqual(await authenticator.authenticate(token), caller);
  ahead = 5_000;
  assert.equal(await authenticator.authenticate(token), undefined);
});

test('what a member may and may not', async () => {
  const { token, projectId, userId } = await api.projectWith('member', 'plain');
  const table: [string, string | null][] = [
    ['/v3/users', 'identity:list_users'],
    ['/v3/projects', 'identity:list_projects'],
    ['/v3/roles', 'identity:list_roles'],
    ['/v3/domains', 'identity:list_domains'],
    ['/v3/role_assignments', 'identity:list_role_assignments'],
    ['/v3/services', 'identity:list_services'],
    [`/v3/projects/${api.adminProject}`, 'identity:get_project'],
    [`/v3/projects/${'0'.repeat(32)}`, 'identity:get_project'],
    [`/v3/users/${api.adminUser}`, 'identity:get_user'],
    [`/v3/users/${api.adminUser}/projects`, 'identity:list_user_projects'],
    [`/v3/users/${api.adminUser}/groups`, 'identity:list_groups'],
    [`/v3/users/${api.adminUser}/application_credentials`, 'identity:list_application_credentials'],
    [`/v3/users/${'0'.repeat(32)}/groups`, 'identity:list_groups'],
    [`/v3/projects/${projectId}`, null],
    [`/v3/users/${userId}`, null],
    [`/v3/users/${userId}/groups`, null],
    [`/v3/users/${userId}/application_credentials`, null],
    [`/v3/users/${userId}/projects`, null],
    ['/v3/domains/default', null],
    ['/v3/regions', null],
    ['/v3/auth/catalog', null],
    ['/v3/auth/domains', null],
  ];
  for (const [url, policy] of table) {
    const answer = await api.ask(token, { url });
    assert.equal(answer.statusCode, policy === null ? 200 : 403, url);
    if (policy !== null)
      assert.equal(
        answer.json().error.message,
        `You are not authorized to perform the requested action: ${policy}.`,
      );
  }
});

test('projects: made, found, changed, taken, deleted', async () => {
  const project = await make('project', { name: 'Üben', tags: ['a'] });
  assert.deepEqual(project, {
    id: project.id,
    name: 'Üben',
    domain_id: 'default',
    description: '',
    enabled: true,
    parent_id: 'default',
    is_domain: false,
    tags: ['a'],
    options: {},
    links: { self: `http://localhost:80/identity/v3/projects/${project.id}` },
  });
  const listed = await api.ask(admin, { url: `/v3/projects?name=${encodeURIComponent('Üben')}` });
  assert.deepEqual(
    listed.json().projects.map(({ id }: { id: string }) => id),
    [project.id],
  );
  const again = await api.ask(admin, {
    method: 'POST',
    url: '/v3/projects',
    payload: { project: { name: 'Üben' } },
  });
  assert.equal(again.statusCode, 409);
  assert.equal(again.json().error.title, 'Conflict');
  const changed = await patch(`/v3/projects/${project.id}`, { project: { description: 'x' } });
  assert.deepEqual([changed.json().project.description, changed.json().project.name], ['x', 'Üben']);
  assert.equal((await api.ask(admin, { url: '/v3/projects/Üben' })).statusCode, 404);
  const domain = await api.ask(admin, { url: '/v3/projects/default' });
  assert.deepEqual([domain.json().project.name, domain.json().project.is_domain], ['Default', true]);
  const url = `/v3/projects/${project.id}`;
  assert.equal((await api.ask(admin, { method: 'DELETE', url })).statusCode, 204);
  assert.equal((await api.ask(admin, { method: 'DELETE', url })).statusCode, 404);
});

test('tags of a project, as a whole and one by one', async () => {
  const { id } = await make('project', { name: 'tagged', tags: ['a'] });
  const url = `/v3/projects/${id}/tags`;
  const ask = (method: 'GET' | 'HEAD' | 'PUT' | 'DELETE', path: string, payload?: object) =>
    api.ask(admin, { method, url: url + path, ...(payload === undefined ? {} : { payload }) });
  const tags = async () => (await ask('GET', '')).json().tags;
  assert.equal((await ask('PUT', '/b')).statusCode, 201);
  assert.deepEqual(await tags(), ['a', 'b']);
  assert.equal((await ask('HEAD', '/b')).statusCode, 204);
  assert.equal((await ask('DELETE', '/a')).statusCode, 204);
  assert.equal((await ask('DELETE', '/a')).statusCode, 404);
  assert.equal((await ask('PUT', '/x,y')).statusCode, 400);
  assert.deepEqual((await ask('PUT', '', { tags: ['c', 'd'] })).json().tags, ['c', 'd']);
  assert.equal((await ask('PUT', '', { tags: ['c', 'c'] })).statusCode, 400);
  assert.equal((await ask('DELETE', '')).statusCode, 204);
  assert.deepEqual(await tags(), []);
});

test('users keep the keys that they came with, and never show their password', async () => {
  const made = await make('user', { name: 'extra', password: 'pw', email: 'e@x', phone: { home: 1 } });
  assert.deepEqual([made.phone, made.email, made.password], [{ home: 1 }, 'e@x', undefined]);
  const changed = await patch(`/v3/users/${made.id}`, { user: { room: '5', email: null } });
  const { user } = changed.json();
  assert.deepEqual([user.phone, user.room, 'email' in user], [{ home: 1 }, '5', false]);
  assert.ok(!changed.body.includes('argon2'));
});

test('names are found by their parts', async () => {
  await make('user', { name: 'Needle-1' });
  const find = async (query: string) =>
    (await api.ask(admin, { url: `/v3/users?${query}` }))
      .json()
      .users.map(({ name }: { name: string }) => name);
  assert.deepEqual(await find('name__contains=edle'), ['Needle-1']);
  assert.deepEqual(await find('name__startswith=needle'), []);
  assert.deepEqual(await find('name__istartswith=needle'), ['Needle-1']);
  assert.deepEqual(await find('name__endswith=-1&enabled=False'), []);
});

test('the default roles stay; others come and go', async () => {
  const [role] = (await api.ask(admin, { url: '/v3/roles?name=reader' })).json().roles;
  const url = `/v3/roles/${role.id}`;
  assert.equal((await api.ask(admin, { method: 'DELETE', url })).statusCode, 403);
  assert.equal((await patch(url, { role: { name: 'writer' } })).statusCode, 403);
  const odd = await make('role', { name: 'odd' });
  assert.equal((await patch(`/v3/roles/${odd.id}`, { role: { name: 'even' } })).json().role.name, 'even');
  assert.equal((await api.ask(admin, { method: 'DELETE', url: `/v3/roles/${odd.id}` })).statusCode, 204);
});

test('a domain goes only when disabled, and its users and projects with it; the default domain stays', async () => {
  const domain = await make('domain', { name: 'Other' });
  const user = await make('user', { name: 'admin', domain_id: domain.id });
  const project = await make('project', { name: 'admin', domain_id: domain.id });
  const url = `/v3/domains/${domain.id}`;
  const early = await api.ask(admin, { method: 'DELETE', url });
  assert.equal(early.statusCode, 403);
  assert.equal(
    early.json().error.message,
    'Cannot delete a domain that is enabled, please disable it first.',
  );
  await patch(url, { domain: { enabled: false } });
  assert.equal((await api.ask(admin, { method: 'DELETE', url })).statusCode, 204);
  for (const gone of [url, `/v3/users/${user.id}`, `/v3/projects/${project.id}`])
    assert.equal((await api.ask(admin, { url: gone })).statusCode, 404);
  assert.equal((await patch('/v3/domains/default', { domain: { enabled: false } })).statusCode, 403);
});

test('assignments: given, checked, listed with names and with what they imply, taken', async () => {
  const { userId, projectId } = await api.projectWith('member', 'assigned');
  const list = async (query: string) =>
    (await api.ask(admin, { url: `/v3/role_assignments?user.id=${userId}${query}` })).json().role_assignments;
  const [direct, ...others] = await list('&include_names=True');
  assert.deepEqual(others, []);
  assert.equal(direct.role.name, 'member');
  assert.deepEqual(direct.user.domain, { id: 'default', name: 'Default' });
  assert.equal(direct.scope.project.id, projectId);
  const effective = await list('&effective&include_names');
  assert.deepEqual(
    effective.map(({ role }: { role: { name: string } }) => role.name),
    ['member', 'reader'],
  );
  assert.deepEqual(await list('&scope.domain.id=default'), []);
  const grant = new URL(direct.links.assignment).pathname;
  assert.equal((await api.ask(admin, { method: 'HEAD', url: grant })).statusCode, 204);
  assert.equal((await api.ask(admin, { method: 'PUT', url: grant })).statusCode, 204);
  assert.equal((await api.ask(admin, { method: 'DELETE', url: grant })).statusCode, 204);
  assert.equal((await api.ask(admin, { method: 'DELETE', url: grant })).statusCode, 404);
  assert.equal((await api.ask(admin, { method: 'HEAD', url: grant })).statusCode, 404);
  assert.deepEqual(await list(''), []);
});

const badBodies: [string, string, unknown][] = [
  ['POST', '/v3/projects', {}],
  ['POST', '/v3/projects', { project: { name: '' } }],
  ['POST', '/v3/projects', { project: { name: '   ' } }],
  ['POST', '/v3/projects', { project: { name: 'x'.repeat(65) } }],
  ['POST', '/v3/users', { user: { name: 'x'.repeat(256) } }],
  ['POST', '/v3/projects', { project: { name: 'nul\0' } }],
  ['POST', '/v3/projects', { project: { name: 7 } }],
  ['POST', '/v3/projects', { project: { name: 'x', enabled: 'yes' } }],
  ['POST', '/v3/projects', { project: { name: 'x', tags: ['a', 'a'] } }],
  ['POST', '/v3/projects', { project: { name: 'x', domain_id: '../default' } }],
  ['POST', '/v3/users', { user: { name: 'x', password: ['a'] } }],
  ['POST', '/v3/users', { user: { name: 'x', password: 'x'.repeat(4097) } }],
  ['POST', '/v3/users', { user: { name: 'x', note: 'x'.repeat(70_000) } }],
  ['POST', '/v3/roles', { role: null }],
  ['POST', '/v3/domains', 'x'],
];
for (const [method, url, payload] of badBodies)
  test(`${method} ${url} ${JSON.stringify(payload).slice(0, 60)} is 400, and nothing is stored`, async () => {
    const collection = url.slice('/v3/'.length);
    const count = async () => (await api.ask(admin, { url })).json()[collection].length;
    const before = await count();
    const headers = { 'content-type': 'application/json' };
    const answer = await api.ask(admin, {
      method: method as 'POST',
      url,
      payload: JSON.stringify(payload),
      headers,
    });
    assert.equal(answer.statusCode, 400, answer.body);
    assert.equal(answer.json().error.title, 'Bad Request');
    assert.equal(await count(), before);
  });

test('keys nested without end are refused', async () => {
  const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const payload = `{"user": {"name": "deep", "note": ${nested}}}`;
  const headers = { 'content-type': 'application/json' };
  const answer = await api.ask(admin, { method: 'POST', url: '/v3/users', payload, headers });
  assert.equal(answer.statusCode, 400);
});

test('bootstrap a second time changes nothing', async () => {
  const before = await api.store.identity.users.list({});
  const again = await bootstrapIdentity(api.store, { adminPassword: 'another' });
  assert.deepEqual(again, { projectId: api.adminProject, userId: api.adminUser, madeAdmin: false });
  assert.deepEqual(await api.store.identity.users.list({}), before);
});

test('a token ends when its time is over', async () => {
  const own = await startApi();
  const token = await own.adminToken();
  own.advance(3_599_000);
  assert.equal((await own.ask(token, { url: '/v3/auth/projects' })).statusCode, 200);
  own.advance(1_000);
  assert.equal((await own.ask(token, { url: '/v3/auth/projects' })).statusCode, 401);
  const payload = { auth: { identity: { methods: ['token'], token: { id: token } } } };
  assert.equal((await own.ask(undefined, { method: 'POST', url: TOKENS, payload })).statusCode, 401);
  await own.close();
});
