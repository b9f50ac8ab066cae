import { Failure } from '../../model/failure.ts';
import type { Assignment } from '../../model/identity.ts';
import { Type } from '../../model/schema.ts';
import type { Store } from '../../store/promise/store.ts';
import { type Route, route } from '../http/route.ts';
import { lookUp } from './look-up.ts';
import { roleList } from './shapes.ts';
import { listLinks, roleView } from './views.ts';

const HolderParams = Type.Object({ projectId: Type.String(), userId: Type.String() });
const GrantParams = Type.Object({ projectId: Type.String(), userId: Type.String(), roleId: Type.String() });
const PATH = '/v3/projects/:projectId/users/:userId/roles';

function check(method: 'GET' | 'HEAD'): Route {
  return route({
    method,
    path: `${PATH}/:roleId`,
    access: 'admin',
    policy: 'identity:check_grant',
    summary: 'Check whether a user has a role on a project',
    schemas: { params: GrantParams },
    status: 204,
    handle: async ({ params, parts }) => {
      const grant = await grantOf(parts.store, params);
      const [there] = await parts.store.identity.assignments(grant);
      if (there === undefined) throw noSuchGrant(grant);
    },
  });
}

/** Roles given to users on projects. */
export const assignmentRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    access: 'admin',
    policy: 'identity:list_grants',
    summary: 'List the roles that a user was given on a project',
    schemas: { params: HolderParams },
    status: 200,
    response: roleList,
    handle: async ({ base, params, parts }) => {
      const { identity } = parts.store;
      const user = await lookUp(identity.users, 'user', params.userId);
      const project = await lookUp(identity.projects, 'project', params.projectId);
      const given = await identity.assignments({ userId: user.id, projectId: project.id });
      const roles = await Promise.all(given.map(({ roleId }) => identity.roles.find(roleId)));
      return {
        roles: roles.filter((role) => role !== undefined).map((role) => roleView(role, base)),
        links: listLinks(`${base}/v3/projects/${project.id}/users/${user.id}/roles`),
      };
    },
  }),
  route({
    method: 'PUT',
    path: `${PATH}/:roleId`,
    access: 'admin',
    policy: 'identity:create_grant',
    summary: 'Give a user a role on a project',
    schemas: { params: GrantParams },
    status: 204,
    handle: async ({ params, parts }) => {
      await parts.store.identity.assign(await grantOf(parts.store, params));
      parts.authenticator.forget();
    },
  }),
  check('GET'),
  check('HEAD'),
  route({
    method: 'DELETE',
    path: `${PATH}/:roleId`,
    access: 'admin',
    policy: 'identity:revoke_grant',
    summary: 'Take a role on a project from a user',
    schemas: { params: GrantParams },
    status: 204,
    handle: async ({ params, parts }) => {
      const grant = await grantOf(parts.store, params);
      if (!(await parts.store.identity.unassign(grant))) throw noSuchGrant(grant);
      parts.authenticator.forget();
    },
  }),
];

async function grantOf(
  store: Store,
  params: { projectId: string; userId: string; roleId: string },
): Promise<Assignment> {
  const role = await lookUp(store.identity.roles, 'role', params.roleId);
  const user = await lookUp(store.identity.users, 'user', params.userId);
  const project = await lookUp(store.identity.projects, 'project', params.projectId);
  return { userId: user.id, projectId: project.id, roleId: role.id };
}

function noSuchGrant(grant: Assignment): Failure {
  return new Failure(
    'not-found',
    `Could not find role assignment with role: ${grant.roleId}, user or group: ${grant.userId}, project, domain, or system: ${grant.projectId}.`,
  );
}
