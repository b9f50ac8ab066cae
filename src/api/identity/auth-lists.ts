import { type Route, route } from '../http/route.ts';
import { rootOf } from './catalog.ts';
import { projectsOfUser } from './projects-of-user.ts';
import { catalogShown, domainList, emptyListNamed, projectList } from './shapes.ts';
import { tokenCatalog } from './token-view.ts';
import { listLinks, projectView } from './views.ts';

/** Resources of the token's own user: catalog, projects, domains, system. */
export const authListRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v3/auth/catalog',
    access: 'token',
    policy: 'identity:get_auth_catalog',
    summary: 'Show the service catalog',
    status: 200,
    response: catalogShown,
    handle: async ({ base }) => ({
      catalog: tokenCatalog(rootOf(base)),
      links: listLinks(`${base}/v3/auth/catalog`),
    }),
  }),
  route({
    method: 'GET',
    path: '/v3/auth/projects',
    access: 'token',
    policy: 'identity:get_auth_projects',
    summary: "List the projects that the token's user can scope to",
    status: 200,
    response: projectList,
    handle: async ({ base, caller, parts }) => {
      const projects = await projectsOfUser(parts.store, caller.userId);
      const usable = projects.filter((project) => project.enabled);
      return {
        projects: usable.map((project) => projectView(project, base)),
        links: listLinks(`${base}/v3/auth/projects`),
      };
    },
  }),
  route({
    method: 'GET',
    path: '/v3/auth/domains',
    access: 'token',
    policy: 'identity:get_auth_domains',
    summary: "List the domains that the token's user can scope to: none, roles are given on projects",
    status: 200,
    response: domainList,
    handle: async ({ base }) => ({ domains: [], links: listLinks(`${base}/v3/auth/domains`) }),
  }),
  route({
    method: 'GET',
    path: '/v3/auth/system',
    access: 'token',
    policy: 'identity:get_auth_system',
    summary: "List the systems that the token's user can scope to: none",
    status: 200,
    response: emptyListNamed('system'),
    handle: async ({ base }) => ({ system: [], links: listLinks(`${base}/v3/auth/system`) }),
  }),
];
