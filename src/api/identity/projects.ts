import { Failure } from '../../model/failure.ts';
import type { Project } from '../../model/identity.ts';
import type { ProjectId } from '../../model/ids.ts';
import { type Route, route } from '../http/route.ts';
import { AnyQuery, enabledFilter, given, nameMatches } from './filters.ts';
import { findById, lookUp, newId } from './look-up.ts';
import { mustBeAllowed, unlessTaken } from './refusals.ts';
import { CreateProject, IdParams, UpdateProject } from './schemas.ts';
import { oneProject, projectList } from './shapes.ts';
import { domainAsProject, listLinks, projectView } from './views.ts';

/** /v3/projects. */
export const projectRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v3/projects',
    access: 'admin',
    policy: 'identity:list_projects',
    summary: 'List projects',
    schemas: { query: AnyQuery },
    status: 200,
    response: projectList,
    handle: async ({ base, query, parts }) => {
      const filter = { ...given(query, { name: 'name', domainId: 'domain_id' }), ...enabledFilter(query) };
      const { id, parent_id: parent } = query;
      const projects = (await parts.store.identity.projects.list(filter)).filter(
        (project) =>
          nameMatches(query, project.name) &&
          (id === undefined || project.id === id) &&
          (parent === undefined || project.domainId === parent) &&
          query.is_domain !== 'True' &&
          query.is_domain !== 'true',
      );
      return {
        projects: projects.map((project) => projectView(project, base)),
        links: listLinks(`${base}/v3/projects`),
      };
    },
  }),
  route({
    method: 'POST',
    path: '/v3/projects',
    access: 'admin',
    policy: 'identity:create_project',
    summary: 'Create project',
    schemas: { body: CreateProject },
    status: 201,
    response: oneProject,
    handle: async ({ base, body: { project: asked }, caller, parts }) => {
      const domainId = asked.domain_id ?? asked.parent_id ?? caller.userDomainId;
      refuseTrees(asked, domainId);
      await lookUp(parts.store.identity.domains, 'domain', domainId);
      const project: Project = {
        id: newId() as ProjectId,
        name: asked.name,
        domainId,
        description: asked.description ?? '',
        enabled: asked.enabled ?? true,
        tags: asked.tags ?? [],
      };
      await unlessTaken('project', project.name, parts.store.identity.projects.insert(project));
      return { project: projectView(project, base) };
    },
  }),
  route({
    method: 'GET',
    path: '/v3/projects/:id',
    access: 'token',
    policy: 'identity:get_project',
    summary: 'Show project',
    schemas: { params: IdParams },
    status: 200,
    response: oneProject,
    handle: async ({ base, params, caller, parts }) => {
      mustBeAllowed(caller, 'identity:get_project', params.id === caller.projectId);
      const { projects, domains } = parts.store.identity;
      // In Keystone a domain is a project too. Clients look up a project with the domain's name, `default`,
      // for the quota class of that name.
      const domain = await findById(domains, params.id);
      if (domain !== undefined) return { project: domainAsProject(domain, base) };
      return { project: projectView(await lookUp(projects, 'project', params.id), base) };
    },
  }),
  route({
    method: 'PATCH',
    path: '/v3/projects/:id',
    access: 'admin',
    policy: 'identity:update_project',
    summary: 'Update project',
    schemas: { params: IdParams, body: UpdateProject },
    status: 200,
    response: oneProject,
    handle: async ({ base, params, body: { project: asked }, parts }) => {
      const before = await lookUp(parts.store.identity.projects, 'project', params.id);
      if ((asked.domain_id ?? before.domainId) !== before.domainId)
        throw new Failure('invalid', "Cannot change a project's domain_id.");
      const patch: Partial<Omit<Project, 'id'>> = {
        ...(asked.name === undefined ? {} : { name: asked.name }),
        ...(asked.description === undefined ? {} : { description: asked.description ?? '' }),
        ...(asked.enabled === undefined ? {} : { enabled: asked.enabled }),
        ...(asked.tags === undefined ? {} : { tags: asked.tags }),
      };
      const after = await unlessTaken(
        'project',
        asked.name ?? before.name,
        parts.store.transaction(async (tx) => {
          if (asked.enabled === false) await tx.tokens.deleteOfProject(before.id);
          return tx.identity.projects.update(before.id, patch);
        }),
      );
      parts.authenticator.forget();
      return { project: projectView(after ?? before, base) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/v3/projects/:id',
    access: 'admin',
    policy: 'identity:delete_project',
    summary: 'Delete project',
    schemas: { params: IdParams },
    status: 204,
    handle: async ({ params, parts }) => {
      const project = await lookUp(parts.store.identity.projects, 'project', params.id);
      await parts.store.identity.projects.delete(project.id);
      parts.authenticator.forget();
    },
  }),
];

function refuseTrees(asked: { parent_id?: string | null; is_domain?: boolean }, domainId: string): void {
  if (asked.is_domain === true)
    throw new Failure(
      'not-implemented',
      'Projects that act as domains are not implemented. Create a domain.',
    );
  if ((asked.parent_id ?? domainId) !== domainId)
    throw new Failure(
      'not-implemented',
      `Projects within projects are not implemented: parent_id may only be the domain, '${domainId}'.`,
    );
}
