import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { services } from '../services.ts';
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
