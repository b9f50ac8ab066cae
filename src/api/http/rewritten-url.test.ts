import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { rewrittenUrlOf, serviceOf } from './rewritten-url.ts';

const project = '0123456789abcdef0123456789abcdef';

describe('reachOf', () => {
  const cases: readonly [
    url: string,
    route: string,
    prefix: string,
    projectId: string | null,
    legacy: boolean,
  ][] = [
    ['/compute/v2.1/servers?limit=1', '/compute/v2.1/servers?limit=1', '/compute/v2.1', null, false],
    [`/compute/v2.1/${project}/servers`, '/compute/v2.1/servers', `/compute/v2.1/${project}`, project, false],
    [`/compute/v2.1/${project}`, '/compute/v2.1', `/compute/v2.1/${project}`, project, false],
    ['/compute/v2/servers', '/compute/v2.1/servers', '/compute/v2', null, true],
    ['/compute/v2', '/compute/v2.1', '/compute/v2', null, true],
    ['/compute/v2/?a=b', '/compute/v2.1/?a=b', '/compute/v2', null, true],
    ['/compute/v2.10/servers', '/compute/v2.10/servers', '/compute', null, false],
    [`/compute/v2.1/${project}0/servers`, `/compute/v2.1/${project}0/servers`, '/compute/v2.1', null, false],
    [
      `/compute/v2.1/${project.toUpperCase()}/servers`,
      `/compute/v2.1/${project.toUpperCase()}/servers`,
      '/compute/v2.1',
      null,
      false,
    ],
    ['/compute', '/compute', '/compute', null, false],
    ['/v3/auth/tokens', '/identity/v3/auth/tokens', '', null, false],
    ['/v3', '/identity/v3', '', null, false],
    ['/v30', '/v30', '/v30', null, false],
    ['/', '/identity', '', null, false],
    ['/?a', '/identity?a', '', null, false],
    ['/identity/v3', '/identity/v3', '/identity', null, false],
    ['/networking/v2.0/ports.json?id=1', '/networking/v2.0/ports?id=1', '/networking', null, false],
    [
      '/networking/v2.0/ports/1/tags/a.json',
      '/networking/v2.0/ports/1/tags/a.json',
      '/networking',
      null,
      false,
    ],
    ['/image/v2/images', '/image/v2/images', '/image', null, false],
  ];
  for (const [url, route, prefix, projectId, legacy] of cases)
    test(url, () => assert.deepEqual(rewrittenUrlOf(url), { route, prefix, projectId, legacy }));

  test('never throws, and never leads out of the service that a path names', () => {
    fc.assert(
      fc.property(fc.constantFrom('/compute', '/image', '/identity'), fc.string(), (service, rest) => {
        assert.ok(rewrittenUrlOf(`${service}/${rest}`).route.startsWith(service));
      }),
    );
  });
});

test('serviceOf', () => {
  assert.equal(serviceOf('/image/v2/images'), 'image');
  assert.equal(serviceOf('/identity'), 'identity');
  assert.equal(serviceOf('/identityx'), 'compute');
  assert.equal(serviceOf('/'), 'compute');
});
