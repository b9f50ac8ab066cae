import type { Domain, Project, Role, Token, User } from '../../model/identity.ts';
import type { Queries } from '../../store/promise/store.ts';
import { withImplied } from './implied-roles.ts';

/** A token with everything that it stands for, as the store has it now. */
export interface TokenSubject {
  readonly token: Token;
  readonly user: User;
  readonly userDomain: Domain;
  /** Null for an unscoped token. */
  readonly scope: ProjectScope | null;
}

export interface ProjectScope {
  readonly project: Project;
  readonly domain: Domain;
  /** Implied ones included; never empty. */
  readonly roles: readonly Role[];
}

/**
 * A stored token that is still worth something: not expired, its user and project enabled, and a role still
 * given.
 */
export async function subjectOf(
  store: Queries,
  token: Token,
  now: number,
): Promise<TokenSubject | undefined> {
  if (token.expiresAt <= now) return undefined;
  const user = await store.identity.users.find(token.userId);
  const userDomain = user && (await store.identity.domains.find(user.domainId));
  if (!user?.enabled || !userDomain?.enabled) return undefined;
  if (token.projectId === null) return { token, user, userDomain, scope: null };
  const project = await store.identity.projects.find(token.projectId);
  const scope = project && (await scopeOn(store, user, project));
  return scope && { token, user, userDomain, scope };
}

/**
 * What the user may act as on the project; undefined when nothing, or when it is disabled. A domain's own
 * roles count for nothing here: one of them may be called `admin` (keystone/assignment/core.py strips them
 * from tokens).
 */
export async function scopeOn(
  store: Queries,
  user: User,
  project: Project,
): Promise<ProjectScope | undefined> {
  const domain = await store.identity.domains.find(project.domainId);
  if (!project.enabled || !domain?.enabled) return undefined;
  const given = await store.identity.assignments({ userId: user.id, projectId: project.id });
  if (given.length === 0) return undefined;
  const all = await store.identity.roles.list({ domainId: null });
  const direct = all.filter((role) => given.some((assignment) => assignment.roleId === role.id));
  return direct.length === 0 ? undefined : { project, domain, roles: withImplied(direct, all) };
}
