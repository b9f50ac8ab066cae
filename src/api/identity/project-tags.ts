import { Failure } from '../../model/failure.ts';
import type { Project } from '../../model/identity.ts';
import type { Store } from '../../store/promise/store.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { lookUp } from './look-up.ts';
import { found } from './refusals.ts';
import { IdParams, MAX_TAGS, ProjectTags, TAG_PATTERN, TagParams } from './schemas.ts';
import { projectTags } from './shapes.ts';

type TagAsk = RequestContext<{ id: string; tag: string }>;
const PATH = '/v3/projects/:id/tags';

function check(method: 'GET' | 'HEAD'): Route {
  return route({
    method,
    path: `${PATH}/:tag`,
    access: 'admin',
    policy: 'identity:get_project_tag',
    summary: 'Check whether a project has a tag',
    schemas: { params: TagParams },
    status: 204,
    handle: async ({ params, parts }) => {
      const project = await projectOf(parts.store, params.id);
      found(project.tags.includes(params.tag) || undefined, 'project tag', params.tag);
    },
  });
}

/** /v3/projects/{id}/tags. */
export const projectTagRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    access: 'admin',
    policy: 'identity:list_project_tags',
    summary: 'List the tags of a project',
    schemas: { params: IdParams },
    status: 200,
    response: projectTags,
    handle: async ({ base, params, parts }) => tagsView(await projectOf(parts.store, params.id), base),
  }),
  route({
    method: 'PUT',
    path: PATH,
    access: 'admin',
    policy: 'identity:update_project_tags',
    summary: 'Replace the tags of a project',
    schemas: { params: IdParams, body: ProjectTags },
    status: 200,
    response: projectTags,
    handle: async ({ base, params, body, parts }) => {
      await setTags(parts.store, params.id, () => body.tags);
      return tagsView(await projectOf(parts.store, params.id), base);
    },
  }),
  route({
    method: 'DELETE',
    path: PATH,
    access: 'admin',
    policy: 'identity:delete_project_tags',
    summary: 'Remove all tags of a project',
    schemas: { params: IdParams },
    status: 204,
    handle: async ({ params, parts }) => setTags(parts.store, params.id, () => []),
  }),
  check('GET'),
  check('HEAD'),
  route({
    method: 'PUT',
    path: `${PATH}/:tag`,
    access: 'admin',
    policy: 'identity:create_project_tag',
    summary: 'Add a tag to a project',
    schemas: { params: TagParams },
    status: 201,
    response: 'nothing',
    handle: async ({ params, parts }: TagAsk) => {
      if (!new RegExp(TAG_PATTERN).test(params.tag))
        throw new Failure('invalid', 'A tag has 1 to 255 characters, and neither comma nor slash.');
      await setTags(parts.store, params.id, (tags) => [...new Set([...tags, params.tag])]);
    },
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/:tag`,
    access: 'admin',
    policy: 'identity:delete_project_tag',
    summary: 'Remove a tag from a project',
    schemas: { params: TagParams },
    status: 204,
    handle: async ({ params, parts }: TagAsk) =>
      setTags(parts.store, params.id, (tags) => {
        found(tags.includes(params.tag) || undefined, 'project tag', params.tag);
        return tags.filter((tag) => tag !== params.tag);
      }),
  }),
];

function projectOf(store: Pick<Store, 'identity'>, id: string): Promise<Project> {
  return lookUp(store.identity.projects, 'project', id);
}

function tagsView(project: Project, base: string) {
  return { tags: project.tags, links: { self: `${base}/v3/projects/${project.id}/tags` } };
}

/**
 * Reads and writes in one transaction, so that concurrent changes are not lost.
 * @throws {Failure} `invalid`
 */
async function setTags(
  store: Store,
  id: string,
  change: (tags: readonly string[]) => readonly string[],
): Promise<void> {
  await store.transaction(async (tx) => {
    const project = await projectOf(tx, id);
    const tags = change(project.tags);
    if (tags.length > MAX_TAGS) throw new Failure('invalid', `A project has at most ${MAX_TAGS} tags.`);
    await tx.identity.projects.update(project.id, { tags });
  });
}
