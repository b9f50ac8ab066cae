import type { Static } from 'typebox';
import { Failure } from '../../model/failure.ts';
import type { User } from '../../model/identity.ts';
import type { ProjectId, UserId } from '../../model/ids.ts';
import { type Route, route } from '../http/route.ts';
import { applicantOf } from './client-address.ts';
import type { Applicant } from './fair-queue.ts';
import { AnyQuery, enabledFilter, given, nameMatches } from './filters.ts';
import { lookUp, newId } from './look-up.ts';
import { hashPassword } from './password.ts';
import { mustBeAllowed, unlessTaken } from './refusals.ts';
import { CreateUser, IdParams, UpdateUser } from './schemas.ts';
import { oneUser, userList } from './shapes.ts';
import { extraOf } from './user-fields.ts';
import { listLinks, userView } from './views.ts';

/** /v3/users. */
export const userRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v3/users',
    access: 'admin',
    policy: 'identity:list_users',
    summary: 'List users',
    schemas: { query: AnyQuery },
    status: 200,
    response: userList,
    handle: async ({ base, query, parts }) => {
      const filter = { ...given(query, { name: 'name', domainId: 'domain_id' }), ...enabledFilter(query) };
      const users = (await parts.store.identity.users.list(filter)).filter(
        (user) => nameMatches(query, user.name) && (query.id === undefined || user.id === query.id),
      );
      return { users: users.map((user) => userView(user, base)), links: listLinks(`${base}/v3/users`) };
    },
  }),
  route({
    method: 'POST',
    path: '/v3/users',
    access: 'admin',
    policy: 'identity:create_user',
    summary: 'Create user',
    schemas: { body: CreateUser },
    status: 201,
    response: oneUser,
    handle: async ({ base, body: { user: asked }, caller, parts, request }) => {
      const domainId = asked.domain_id ?? caller.userDomainId;
      await lookUp(parts.store.identity.domains, 'domain', domainId);
      const user: User = {
        id: newId() as UserId,
        name: asked.name,
        domainId,
        enabled: asked.enabled ?? true,
        defaultProjectId: (asked.default_project_id ?? null) as ProjectId | null,
        description: asked.description ?? null,
        email: asked.email ?? null,
        extra: extraOf(asked),
        passwordHash: await hashOf(asked.password, applicantOf(request, caller.userId)),
      };
      await unlessTaken('user', user.name, parts.store.identity.users.insert(user));
      return { user: userView(user, base) };
    },
  }),
  route({
    method: 'GET',
    path: '/v3/users/:id',
    access: 'token',
    policy: 'identity:get_user',
    summary: 'Show user',
    schemas: { params: IdParams },
    status: 200,
    response: oneUser,
    handle: async ({ base, params, caller, parts }) => {
      mustBeAllowed(caller, 'identity:get_user', params.id === caller.userId);
      return { user: userView(await lookUp(parts.store.identity.users, 'user', params.id), base) };
    },
  }),
  route({
    method: 'PATCH',
    path: '/v3/users/:id',
    access: 'admin',
    policy: 'identity:update_user',
    summary: 'Update user',
    schemas: { params: IdParams, body: UpdateUser },
    status: 200,
    response: oneUser,
    handle: async ({ base, params, body: { user: asked }, caller, parts, request }) => {
      const before = await lookUp(parts.store.identity.users, 'user', params.id);
      if ((asked.domain_id ?? before.domainId) !== before.domainId)
        throw new Failure('invalid', "Cannot change a user's domain_id.");
      const passwordHash =
        asked.password === undefined
          ? undefined
          : await hashOf(asked.password, applicantOf(request, caller.userId));
      const changing = parts.store.transaction(async (tx) => {
        const user = await lookUp(tx.identity.users, 'user', params.id);
        const patch = { ...patchOf(asked, user), ...(passwordHash !== undefined && { passwordHash }) };
        if (passwordHash !== undefined || asked.enabled === false) await tx.tokens.deleteOfUser(user.id);
        // A new password, or `enabled`, unlocks a user who was locked out.
        if (passwordHash !== undefined || asked.enabled === true) await tx.failedLogins.clear(user.id);
        return tx.identity.users.update(user.id, patch);
      });
      const after = await unlessTaken('user', asked.name ?? before.name, changing);
      parts.authenticator.forget();
      return { user: userView(after ?? before, base) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/v3/users/:id',
    access: 'admin',
    policy: 'identity:delete_user',
    summary: 'Delete user',
    schemas: { params: IdParams },
    status: 204,
    handle: async ({ params, parts }) => {
      const user = await lookUp(parts.store.identity.users, 'user', params.id);
      await parts.store.identity.users.delete(user.id);
      parts.authenticator.forget();
    },
  }),
];

/** The patch without the password. */
function patchOf(asked: Static<typeof UpdateUser>['user'], user: User): Partial<Omit<User, 'id'>> {
  return {
    ...(asked.name === undefined ? {} : { name: asked.name }),
    ...(asked.enabled === undefined ? {} : { enabled: asked.enabled }),
    ...(asked.default_project_id === undefined
      ? {}
      : { defaultProjectId: asked.default_project_id as ProjectId | null }),
    ...(asked.description === undefined ? {} : { description: asked.description }),
    ...(asked.email === undefined ? {} : { email: asked.email }),
    extra: { ...user.extra, ...extraOf(asked) },
  };
}

async function hashOf(password: string | null | undefined, by: Applicant): Promise<string | null> {
  return password === undefined || password === null ? null : hashPassword(password, by);
}
