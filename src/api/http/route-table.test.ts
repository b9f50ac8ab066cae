import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { services } from '../services.ts';
import { chooseForm } from './choose-form.ts';
import { type Route, route } from './route.ts';
import { tablesOf } from './route-table.ts';

const form = (since?: `2.${number}`, until?: `2.${number}`): Route =>
  route({
    method: 'GET',
    path: '/things',
    ...(since && { since }),
    ...(until && { until }),
    access: 'reader',
    policy: 'x',
    summary: 'x',
    status: 200,
    handle: async () => ({}),
  });

describe('tablesOf', () => {
  test('one table for a method and path; the form at a version; none in a gap', () => {
    const [first, second] = [form(undefined, '2.9'), form('2.20')];
    const [table, ...others] = tablesOf([first, second]);
    assert.deepEqual(others, []);
    for (const [version, expected] of [
      [1, first],
      [9, first],
      [10, undefined],
      [19, undefined],
      [20, second],
      [93, second],
    ] as const)
      assert.equal(table?.at(version)?.route, expected);
  });

  test('two forms that claim one version are a mistake of ours', () => {
    assert.throws(
      () => tablesOf([form(undefined, '2.20'), form('2.20')]),
      /two routes are GET \/things at microversion 2\.20/,
    );
  });
});

describe('a path whose body names the action', () => {
  const action = (key: string, of: Partial<Route> = {}): Route => ({
    ...form(of.since, of.until),
    method: 'POST',
    path: '/things/:id/action',
    action: key,
    ...of,
  });
  const asking = (version: number, body: unknown) =>
    ({ version, body, service: 'compute', caller: { projectId: 'p', roles: ['reader'] } as never }) as const;

  test('an action is found by its key and the microversion, and its access is checked', () => {
    const [early, late] = [action('turn', { until: '2.9' }), action('turn', { since: '2.10' })];
    const admins = action('burn', { access: 'admin', policy: 'things:burn' });
    const [table, ...others] = tablesOf([early, late, admins]);
    assert.deepEqual(others, []);
    assert.equal(chooseForm(table!, asking(9, { turn: null })).route, early);
    assert.equal(chooseForm(table!, asking(10, { turn: null })).route, late);
    assert.throws(() => chooseForm(table!, asking(9, { burn: null })), {
      kind: 'forbidden',
      message: /things:burn/,
    });
  });

  test('a body without one known key is refused, and an action that the version lacks is not found', () => {
    const [table] = tablesOf([action('turn', { since: '2.10' }), action('other')]);
    for (const body of [undefined, null, [], 'turn', {}, { turn: 1, other: 1 }])
      assert.throws(() => chooseForm(table!, asking(1, body)), {
        kind: 'invalid',
        message: 'Malformed request body',
      });
    assert.throws(() => chooseForm(table!, asking(1, { spin: 1 })), {
      kind: 'invalid',
      message: 'There is no such action: spin',
    });
    assert.throws(() => chooseForm(table!, asking(9, { turn: 1 })), { kind: 'not-found' });
  });

  test('what actions agree on is checked before the body is read, else any token will do; before the first there is no path', () => {
    const [alike] = tablesOf([action('turn', { since: '2.5' }), action('spin', { since: '2.7' })]);
    assert.equal(alike!.doorAt(4), undefined);
    assert.deepEqual(alike!.doorAt(5), { access: 'reader', policy: 'x' });
    const [unlike] = tablesOf([action('turn'), action('burn', { access: 'admin' })]);
    assert.equal(unlike!.doorAt(1)?.access, 'token');
  });

  test('a path has either actions or forms', () => {
    assert.throws(
      () => tablesOf([action('turn'), { ...form(), method: 'POST', path: '/things/:id/action' }]),
      /no actions/,
    );
  });
});

test('every route of every service: one form at a version, a policy and a summary', () => {
  for (const { routes } of services()) {
    tablesOf(routes);
    for (const { path, policy, summary } of routes) {
      assert.match(path, /^\//);
      assert.notEqual(policy, '', path);
      assert.match(summary, /^[A-Z].*[^.]$/, `${path}: ${summary}`);
    }
  }
});
