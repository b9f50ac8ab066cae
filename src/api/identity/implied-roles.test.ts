import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Role } from '../../model/identity.ts';
import { withImplied } from './implied-roles.ts';

function role(name: string, domainId: string | null = null): Role {
  return { id: `id of ${name}${domainId ?? ''}`, name, domainId, description: null };
}
const admin = role('admin');
const member = role('member');
const reader = role('reader');
const odd = role('odd');
const domainAdmin = role('admin', 'd1');
const all = [reader, odd, domainAdmin, member, admin];
const names = (roles: readonly Role[]) => roles.map(({ name }) => name).sort();

const table: [string, Role[], string[]][] = [
  ['admin has all three', [admin], ['admin', 'member', 'reader']],
  ['member reads', [member], ['member', 'reader']],
  ['reader reads only', [reader], ['reader']],
  ['another role implies nothing', [odd], ['odd']],
  ['each role once', [member, admin, reader], ['admin', 'member', 'reader']],
  ["a domain's own role of that name implies nothing", [domainAdmin], ['admin']],
  ['none', [], []],
];
for (const [title, given, expected] of table)
  test(title, () => assert.deepEqual(names(withImplied(given, all)), expected));

test('a role that was deleted is not implied', () => {
  assert.deepEqual(names(withImplied([admin], [admin, reader])), ['admin']);
});
