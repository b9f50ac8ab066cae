import type { Role } from '../../model/identity.ts';

/** The roles that every cloud has, each with what it implies (keystone-manage bootstrap). */
export const DEFAULT_ROLES = ['admin', 'member', 'reader'] as const;

const IMPLIES: Readonly<Record<string, string>> = { admin: 'member', member: 'reader' };

/** The roles given, and those that they imply, each once: admin → member → reader. */
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
