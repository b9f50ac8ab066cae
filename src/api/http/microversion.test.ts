import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Failure } from '../../model/failure.ts';
import { MAX_MICROVERSION, negotiate } from './microversion.ts';

describe('negotiate', () => {
  const accepted: readonly [headers: Record<string, string | string[]>, minor: number][] = [
    [{}, 1],
    [{ 'openstack-api-version': 'compute 2.53' }, 53],
    [{ 'openstack-api-version': 'Compute  2.53 ' }, 53],
    [{ 'openstack-api-version': 'volume 3.1, compute 2.9' }, 9],
    [{ 'openstack-api-version': ['volume 3.1', 'compute 2.9'] }, 9],
    [{ 'openstack-api-version': 'volume 3.1' }, 1],
    [{ 'x-openstack-nova-api-version': '2.7' }, 7],
    [{ 'openstack-api-version': 'compute 2.30', 'x-openstack-nova-api-version': '2.7' }, 30],
    [{ 'openstack-api-version': 'compute latest' }, MAX_MICROVERSION],
    [{ 'x-openstack-nova-api-version': 'latest' }, MAX_MICROVERSION],
  ];
  for (const [headers, minor] of accepted)
    test(JSON.stringify(headers), () => assert.equal(negotiate(headers), minor));

  const refused: readonly [requested: string, kind: string, words: RegExp][] = [
    [
      '2.999',
      'not-acceptable',
      /^Version 2\.999 is not supported by the API\. Minimum is 2\.1 and maximum is 2\.93\.$/,
    ],
    ['2.0', 'not-acceptable', /Version 2\.0 is not supported/],
    ['3.1', 'not-acceptable', /Version 3\.1 is not supported/],
    [
      'abc',
      'invalid',
      /^API Version String abc is of invalid format\. Must be of format MajorNum\.MinorNum\.$/,
    ],
    ['2', 'invalid', /invalid format/],
    ['2.1.1', 'invalid', /invalid format/],
    ['-2.1', 'invalid', /invalid format/],
    ['2.01', 'invalid', /invalid format/],
    ['02.1', 'invalid', /invalid format/],
    ['2.00', 'invalid', /invalid format/],
  ];
  for (const [requested, kind, words] of refused)
    test(requested, () =>
      assert.throws(
        () => negotiate({ 'openstack-api-version': `compute ${requested}` }),
        (error) => error instanceof Failure && error.kind === kind && words.test(error.message),
      ),
    );
});
