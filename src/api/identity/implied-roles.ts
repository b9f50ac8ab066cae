import type { Role } from '../../model/identity.ts';

/** The roles of every cloud, each of which implies the next (keystone-manage bootstrap). */
export const DEFAULT_ROLES = ['admin', 'member', 'reader'] as const;

const IMPLIES: Readonly<Record<string, string>> = { admin: 'member', member: 'reader' };

/** The given roles with their implied roles, without duplicates: admin → member → reader. */
export function withImplied(given: readonly Role[], all: readonly Role[]): Role[] {
  const effective = new Map(given.map((role) => [role.id, role]));
  const open = [...given];
  for (let role = open.pop(); role !== undefined; role = open.pop()) {
    const impliedName = role.domainId === null ? IMPLIES[role.name] : undefined;
    const implied = all.find((other) => other.domainId === null && other.name === impliedName);
    if (implied === undefined || effective.has(implied.id)) continue;
    effective.set(implied.id, implied);
    open.push(implied);
  }
  return [...effective.values()];
}
