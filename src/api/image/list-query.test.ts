import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '../../model/identity.ts';
import { filterOf, pageOf, type QueryParams } from './list-query.ts';

const member = { projectId: 'p1', isAdmin: false } as unknown as Caller;
const admin = { projectId: 'p1', isAdmin: true } as unknown as Caller;

function words(query: string): QueryParams {
  const params = new URLSearchParams(query);
  return new Map([...new Set(params.keys())].map((key) => [key, params.getAll(key)]));
}

test('without a query: a page of 25, the newest first, what the project may see and is not hidden', () => {
  assert.deepEqual(pageOf(words('')), { limit: 25, sort: [{ key: 'created_at', direction: 'desc' }] });
  assert.deepEqual(filterOf(words(''), member), { hidden: false, visibleTo: 'p1' });
  assert.deepEqual(filterOf(words(''), admin), { hidden: false });
});

const filters: [string, object][] = [
  ['name=a', { names: ['a'] }],
  ['name=in:a,"b,c",d', { names: ['a', 'b,c', 'd'] }],
  ['name=', { names: [''] }],
  ['status=in:queued,active', { statuses: ['queued', 'active'] }],
  ['tag=x&tag=y', { tags: ['x', 'y'] }],
  ['size_min=1&size_max=20', { sizeMin: 1, sizeMax: 20 }],
  ['visibility=community', { visibility: 'community' }],
  ['visibility=all', {}],
  ['os_hidden=True', { hidden: true }],
  ['protected=false', { protected: false }],
  ['hw_unique_serial=true&foo=', { properties: { hw_unique_serial: 'true', foo: '' } }],
  [
    '__proto__=x&constructor=y',
    {
      properties: Object.fromEntries([
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ]),
    },
  ],
  ['created_at=gte:2026-01-01T00:00:00Z', { createdAt: [{ operator: 'gte', at: Date.UTC(2026, 0, 1) }] }],
  ['updated_at=lt:2026-01-01', { updatedAt: [{ operator: 'lt', at: Date.UTC(2026, 0, 1) }] }],
  [
    'created_at=lt:2026-01-01T02:00:00%2B02:00',
    { createdAt: [{ operator: 'lt', at: Date.UTC(2026, 0, 1) }] },
  ],
];
for (const [query, expected] of filters)
  test(`filter ${query}`, () => {
    assert.deepEqual(filterOf(words(query), admin), { hidden: false, ...expected });
  });

test('sorting in both forms', () => {
  const byNameThenSize = [
    { key: 'name', direction: 'asc' },
    { key: 'size', direction: 'desc' },
  ];
  assert.deepEqual(pageOf(words('sort=name:asc,size')).sort, byNameThenSize);
  assert.deepEqual(
    pageOf(words('sort_key=name&sort_dir=asc&sort_key=size&sort_dir=desc')).sort,
    byNameThenSize,
  );
  assert.deepEqual(pageOf(words('sort_key=name&sort_key=size&sort_dir=asc')).sort?.[1]?.direction, 'asc');
});

test('a limit is cut to what a page holds', () => {
  assert.equal(pageOf(words('limit=999999')).limit, 1000);
  assert.equal(pageOf(words('limit=0')).limit, 0);
});

const refused = [
  'limit=abc',
  'limit=-1',
  'sort=frob:asc',
  'sort=name:up',
  'sort=name&sort_key=name',
  'sort_key=name&sort_dir=asc&sort_dir=asc',
  'visibility=secret',
  'member_status=maybe',
  'size_min=big',
  'size_max=-1',
  'os_hidden=maybe',
  'protected=1',
  'created_at=yesterday',
  'created_at=about:2026-01-01',
  'created_at=2026-13-45',
  'name=in:"a',
];
for (const query of refused)
  test(`refused: ${query}`, () => {
    assert.throws(
      () => {
        pageOf(words(query));
        filterOf(words(query), admin);
      },
      { kind: 'invalid' },
    );
  });
