import { randomUUID } from 'node:crypto';
import type { Static } from 'typebox';
import { Failure } from '../../model/failure.ts';
import type { Flavor } from '../../model/flavor.ts';
import { parseFlexibleBoolean } from '../../model/flexible-boolean.ts';
import type { FlavorId, ProjectId } from '../../model/ids.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { parseBoolean, parseInteger } from './field-schemas.ts';
import { visibleFlavor } from './flavor-lookup.ts';
import {
  CreateDescribedFlavor,
  CreateFlavor,
  FlavorParams,
  FlavorQuery,
  UpdateFlavor,
} from './flavor-schemas.ts';
import {
  briefFlavor,
  briefFlavors,
  type FlavorViewing,
  oneFlavor,
  wholeFlavor,
  wholeFlavors,
} from './flavor-view.ts';
import { nextLinks } from './links.ts';
import { requestedPage } from './paging.ts';
import { strictFrom275 } from './strict-query.ts';

type Query = Static<typeof FlavorQuery>;
type FlavorAsk = RequestContext<unknown, Query>;

async function listed(
  context: FlavorAsk,
  path: string,
  view: (flavor: Flavor, how: FlavorViewing) => object,
) {
  const { query, parts } = context;
  const page = requestedPage(query, parts.config.api.max_limit);
  const flavors = await parts.store.flavors.list(filterOf(context), {
    ...page,
    sort: [{ key: query.sort_key ?? 'flavorid', direction: query.sort_dir ?? 'asc' }],
  });
  const links = nextLinks(
    { base: context.base, path, query },
    { limit: page.limit, count: flavors.length, lastId: flavors.at(-1)?.id },
  );
  return { flavors: flavors.map((flavor) => view(flavor, context)), ...(links && { flavors_links: links }) };
}

/**
 * Only administrators may list flavors that are not public. For a project, "public" includes flavors that it
 * has access to (nova/objects/flavor.py _flavor_get_all_from_db).
 */
function filterOf({ query, caller }: FlavorAsk) {
  const isPublic = caller.isAdmin ? publicWord(query.is_public) : true;
  return {
    ...(isPublic === true && { visibleTo: caller.projectId ?? ('' as ProjectId) }),
    ...(isPublic === false && { isPublic: false }),
    ...(!caller.isAdmin && { disabled: false }),
    ...(query.minRam !== undefined && { minRamMb: wholeFilter('minRam', query.minRam) }),
    ...(query.minDisk !== undefined && { minDiskGb: wholeFilter('minDisk', query.minDisk) }),
  };
}

function publicWord(word: string | undefined): boolean | null {
  if (word === undefined) return true;
  if (word.toLowerCase() === 'none') return null;
  const says = parseFlexibleBoolean(word);
  if (says === undefined) throw new Failure('invalid', `Invalid is_public filter [${word}]`);
  return says;
}

function wholeFilter(name: string, word: string): number {
  if (!/^\s*[+-]?\d{1,15}\s*$/.test(word)) throw new Failure('invalid', `Invalid ${name} filter [${word}]`);
  return Number(word);
}

async function create(context: RequestContext<unknown, unknown, Static<typeof CreateDescribedFlavor>>) {
  const asked = context.body.flavor;
  const rxtx = Number(asked.rxtx_factor ?? 1);
  if (!(rxtx > 0 && rxtx <= 3.40282e38))
    throw new Failure(
      'invalid',
      `Invalid input for field/attribute rxtx_factor. Value: ${asked.rxtx_factor}. It must be more than 0 and at most 3.40282e+38`,
    );
  const flavor: Flavor = {
    id: String(asked.id ?? randomUUID()) as FlavorId,
    record: randomUUID(),
    name: asked.name,
    ramMb: parseInteger('ram', asked.ram, 1),
    vcpus: parseInteger('vcpus', asked.vcpus, 1),
    rootGb: parseInteger('disk', asked.disk, 0),
    ephemeralGb: parseInteger('OS-FLV-EXT-DATA:ephemeral', asked['OS-FLV-EXT-DATA:ephemeral'] ?? 0, 0),
    swapMb: parseInteger('swap', asked.swap ?? 0, 0),
    rxtxFactor: rxtx,
    isPublic: parseBoolean(asked['os-flavor-access:is_public'] ?? true),
    description: asked.description ?? null,
    disabled: false,
    extraSpecs: {},
    access: [],
    generation: 1,
    createdAt: context.parts.now(),
  };
  await context.parts.store.flavors.insert(flavor);
  return { flavor: wholeFlavor(flavor, context) };
}

const createRoute = {
  method: 'POST',
  path: '/flavors',
  access: 'admin',
  policy: 'os_compute_api:os-flavor-manage:create',
  summary: 'Create a flavor',
  response: oneFlavor,
  status: 200,
} as const;

/** https://docs.openstack.org/api-ref/compute/#flavors-flavors */
export const flavorRoutes: Route[] = [
  ...strictFrom275(
    route({
      method: 'GET',
      path: '/flavors',
      access: 'reader',
      policy: 'os_compute_api:flavors',
      summary: 'List flavors',
      schemas: { query: FlavorQuery },
      status: 200,
      response: briefFlavors,
      handle: (context) => listed(context, 'flavors', briefFlavor),
    }),
  ),
  ...strictFrom275(
    route({
      method: 'GET',
      path: '/flavors/detail',
      access: 'reader',
      policy: 'os_compute_api:flavors',
      summary: 'List flavors in detail',
      schemas: { query: FlavorQuery },
      status: 200,
      response: wholeFlavors,
      handle: (context) => listed(context, 'flavors/detail', wholeFlavor),
    }),
  ),
  route({
    ...createRoute,
    until: '2.54',
    schemas: { body: CreateFlavor },
    handle: create,
  }),
  route({
    ...createRoute,
    since: '2.55',
    schemas: { body: CreateDescribedFlavor },
    handle: create,
  }),
  route({
    method: 'GET',
    path: '/flavors/:flavor_id',
    access: 'reader',
    policy: 'os_compute_api:flavors',
    summary: 'Show a flavor',
    schemas: { params: FlavorParams },
    status: 200,
    response: oneFlavor,
    handle: async (context) => ({
      flavor: wholeFlavor(
        await visibleFlavor(context.parts.store, context.caller, context.params.flavor_id),
        context,
      ),
    }),
  }),
  route({
    method: 'PUT',
    path: '/flavors/:flavor_id',
    since: '2.55',
    access: 'admin',
    policy: 'os_compute_api:os-flavor-manage:update',
    summary: "Change a flavor's description",
    schemas: { params: FlavorParams, body: UpdateFlavor },
    status: 200,
    response: oneFlavor,
    handle: async (context) => {
      const changed = await context.parts.store.transaction(async (tx) => {
        const flavor = await visibleFlavor(tx, context.caller, context.params.flavor_id);
        return tx.flavors.update(flavor, { description: context.body.flavor.description });
      });
      return { flavor: wholeFlavor(changed, context) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/flavors/:flavor_id',
    access: 'admin',
    policy: 'os_compute_api:os-flavor-manage:delete',
    summary: 'Delete a flavor',
    schemas: { params: FlavorParams },
    status: 202,
    response: 'nothing',
    handle: async (context) => {
      const id = context.params.flavor_id;
      if (!(await context.parts.store.flavors.delete(id as FlavorId)))
        throw new Failure('not-found', `Flavor ${id} could not be found.`);
      return undefined;
    },
  }),
];
