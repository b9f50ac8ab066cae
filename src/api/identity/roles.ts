import { Failure } from '../../model/failure.ts';
import type { Role } from '../../model/identity.ts';
import { type Route, route } from '../http/route.ts';
import { AnyQuery, given, nameMatches } from './filters.ts';
import { DEFAULT_ROLES } from './implied-roles.ts';
import { lookUp, newId } from './look-up.ts';
import { unlessTaken } from './refusals.ts';
import { CreateRole, IdParams, UpdateRole } from './schemas.ts';
import { oneRole, roleList } from './shapes.ts';
import { listLinks, roleView } from './views.ts';

/** /v3/roles. */
export const roleRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v3/roles',
    access: 'admin',
    policy: 'identity:list_roles',
    summary: 'List roles',
    schemas: { query: AnyQuery },
    status: 200,
    response: roleList,
    handle: async ({ base, query, parts }) => {
      const { name, domainId } = given(query, { name: 'name', domainId: 'domain_id' });
      const filter = { ...(name === undefined ? {} : { name }), domainId: domainId ?? null };
      const roles = await parts.store.identity.roles.list(filter);
      return {
        roles: roles.filter((role) => nameMatches(query, role.name)).map((role) => roleView(role, base)),
        links: listLinks(`${base}/v3/roles`),
      };
    },
  }),
  route({
    method: 'POST',
    path: '/v3/roles',
    access: 'admin',
    policy: 'identity:create_role',
    summary: 'Create role',
    schemas: { body: CreateRole },
    status: 201,
    response: oneRole,
    handle: async ({ base, body: { role: asked }, parts }) => {
      const domainId = asked.domain_id ?? null;
      if (domainId !== null) await lookUp(parts.store.identity.domains, 'domain', domainId);
      const role: Role = { id: newId(), name: asked.name, domainId, description: asked.description ?? null };
      await unlessTaken('role', role.name, parts.store.identity.roles.insert(role));
      return { role: roleView(role, base) };
    },
  }),
  route({
    method: 'GET',
    path: '/v3/roles/:id',
    access: 'admin',
    policy: 'identity:get_role',
    summary: 'Show role',
    schemas: { params: IdParams },
    status: 200,
    response: oneRole,
    handle: async ({ base, params, parts }) => ({
      role: roleView(await lookUp(parts.store.identity.roles, 'role', params.id), base),
    }),
  }),
  route({
    method: 'PATCH',
    path: '/v3/roles/:id',
    access: 'admin',
    policy: 'identity:update_role',
    summary: 'Update role',
    schemas: { params: IdParams, body: UpdateRole },
    status: 200,
    response: oneRole,
    handle: async ({ base, params, body: { role: asked }, parts }) => {
      const { roles } = parts.store.identity;
      const before = await lookUp(roles, 'role', params.id);
      if (asked.name !== undefined && asked.name !== before.name) refuseDefault(before);
      const patch = {
        ...(asked.name === undefined ? {} : { name: asked.name }),
        ...(asked.description === undefined ? {} : { description: asked.description }),
      };
      const after = await unlessTaken('role', asked.name ?? before.name, roles.update(before.id, patch));
      parts.authenticator.forget();
      return { role: roleView(after ?? before, base) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/v3/roles/:id',
    access: 'admin',
    policy: 'identity:delete_role',
    summary: 'Delete role',
    schemas: { params: IdParams },
    status: 204,
    handle: async ({ params, parts }) => {
      const role = await lookUp(parts.store.identity.roles, 'role', params.id);
      refuseDefault(role);
      await parts.store.identity.roles.delete(role.id);
      parts.authenticator.forget();
    },
  }),
];

/**
 * Refuses changes of the roles that Keystone's bootstrap makes immutable: the cloud cannot be administered
 * without them.
 */
function refuseDefault(role: Role): void {
  const isDefault = role.domainId === null && DEFAULT_ROLES.some((name) => name === role.name);
  if (isDefault)
    throw new Failure(
      'forbidden',
      `The role '${role.name}' is immutable: it can be neither deleted nor renamed.`,
    );
}
