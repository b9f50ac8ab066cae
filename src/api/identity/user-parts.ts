import { type Route, route } from '../http/route.ts';
import { applicantOf } from './client-address.ts';
import { checkPassword } from './lockout.ts';
import { lookUp } from './look-up.ts';
import { hashPassword } from './password.ts';
import { projectsOfUser } from './projects-of-user.ts';
import { mustBeAllowed, unauthenticated } from './refusals.ts';
import { ChangePassword, IdParams } from './schemas.ts';
import { projectList } from './shapes.ts';
import { listLinks, projectView } from './views.ts';

/** Routes below /v3/users/{id}. */
export const userPartRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v3/users/:id/password',
    access: 'token',
    policy: 'identity:change_password',
    summary: 'Change the own password; the tokens of the user end',
    schemas: { params: IdParams, body: ChangePassword },
    status: 204,
    handle: async ({ params, body, parts, request }) => {
      const { users } = parts.store.identity;
      const by = applicantOf(request, params.id);
      const password = body.user.original_password;
      const user = await checkPassword(parts, { user: await users.find(params.id), password, by });
      const passwordHash = await hashPassword(body.user.password, by);
      await parts.store.transaction(async (tx) => {
        const now = await tx.identity.users.find(user.id);
        if (now?.passwordHash !== user.passwordHash) throw unauthenticated();
        await tx.identity.users.update(user.id, { passwordHash });
        await tx.tokens.deleteOfUser(user.id);
      });
      parts.authenticator.forget();
    },
  }),
  route({
    method: 'GET',
    path: '/v3/users/:id/projects',
    access: 'token',
    policy: 'identity:list_user_projects',
    summary: 'List the projects of a user',
    schemas: { params: IdParams },
    status: 200,
    response: projectList,
    handle: async ({ base, params, caller, parts }) => {
      mustBeAllowed(caller, 'identity:list_user_projects', params.id === caller.userId);
      const user = await lookUp(parts.store.identity.users, 'user', params.id);
      const projects = await projectsOfUser(parts.store, user.id);
      return {
        projects: projects.map((project) => projectView(project, base)),
        links: listLinks(`${base}/v3/users/${user.id}/projects`),
      };
    },
  }),
];
