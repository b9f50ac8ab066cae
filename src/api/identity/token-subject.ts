import type { Domain, Project, Role, Token, User } from '../../model/identity.ts';
import type { Queries } from '../../store/promise/store.ts';
import { withImplied } from './implied-roles.ts';

/** A token with its user, project and roles, as they are now. */
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
  /** Includes implied roles; never empty. */
  readonly roles: readonly Role[];
}

/**
 * The subject of a valid token: it has not expired, its user and project are enabled, and the user still has
 * a role.
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
 * The user's scope on a project; undefined without a role, or when the project is disabled. Roles of a
 * domain are ignored, because one of them may be named `admin` (keystone/assignment/core.py strips them from
 * tokens).
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
