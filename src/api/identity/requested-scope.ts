import type { Static } from 'typebox';
import { Failure } from '../../model/failure.ts';
import type { Project, User } from '../../model/identity.ts';
import type { Store } from '../../store/promise/store.ts';
import { domainIdOf } from './credentials.ts';
import { unauthenticated } from './refusals.ts';
import type { AuthBody } from './schemas.ts';
import { type ProjectScope, scopeOn } from './token-subject.ts';

type Scope = Static<typeof AuthBody>['auth']['scope'];

/**
 * The requested scope, or the user's default project, or null.
 * @throws {Failure} `unauthenticated` when the project does not exist or the user has no role on it,
 *   `not-implemented` for other scopes
 */
export async function requestedScope(store: Store, user: User, scope: Scope): Promise<ProjectScope | null> {
  if (scope === undefined || scope === null) return defaultScope(store, user);
  if (scope === 'unscoped' || scope.unscoped !== undefined) return null;
  if (scope.domain !== undefined)
    throw new Failure(
      'not-implemented',
      'Tokens scoped to a domain are not implemented. Scope to a project.',
    );
  if (scope.system !== undefined)
    throw new Failure(
      'not-implemented',
      'Tokens scoped to the system are not implemented. Scope to a project.',
    );
  const project = await projectOf(store, scope.project);
  const usable = project && (await scopeOn(store, user, project));
  if (usable === undefined) throw unauthenticated();
  return usable;
}

/** A default project that cannot be used is ignored (keystone/auth/core.py). */
async function defaultScope(store: Store, user: User): Promise<ProjectScope | null> {
  if (user.defaultProjectId === null) return null;
  const project = await store.identity.projects.find(user.defaultProjectId);
  return (project && (await scopeOn(store, user, project))) ?? null;
}

async function projectOf(
  store: Store,
  asked: Exclude<Scope, string | null | undefined>['project'],
): Promise<Project | undefined> {
  if (asked?.id !== undefined) return store.identity.projects.find(asked.id);
  if (asked?.name === undefined || asked.domain === undefined)
    throw new Failure('invalid', 'Expecting to find id, or name and domain, in the project of scope.');
  const domainId = await domainIdOf(store, asked.domain);
  if (domainId === undefined) return undefined;
  const [project] = await store.identity.projects.list({ name: asked.name, domainId });
  return project;
}
