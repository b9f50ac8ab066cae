import { Failure } from '../../model/failure.ts';
import type { ProjectId } from '../../model/ids.ts';
import {
  NETWORK_QUOTA_NAMES,
  type NetworkLimits,
  type NetworkQuotaName,
  networkLimits,
} from '../../model/network/quota.ts';
import { Type } from '../../model/schema.ts';
import type { Queries } from '../../store/promise/store.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { integer, listOf, object, text } from '../http/shape.ts';
import { converted, Flag, Whole } from './converted.ts';
import { attributes, updateBody } from './fields.ts';
import { ListWords, parseListQuery } from './list-query.ts';
import { matches } from './matches.ts';
import { refusedByPolicy } from './refusals.ts';
import { USED } from './require-quota.ts';
import { shown } from './resource-page.ts';
import { partly } from './resource-routes.ts';

const Params = Type.Object({ project_id: Type.String({ maxLength: 255 }) });
/** neutron_lib/constants.py DB_INTEGER_MAX_VALUE */
const Limit = Whole({
  minimum: -1,
  maximum: 2 ** 31 - 1,
  accepts: '-1, for no limit, to 2147483647',
});
const update = attributes(
  {
    ...byName(() => Type.Optional(Limit)),
    force: Type.Optional(Flag),
    check_limit: Type.Optional(Flag),
  },
  { in: 'PUT', names: [] },
);

const limitsShape = object(
  byName(() => integer),
  'NetworkQuota',
);
const projectShape = partly(
  object({ ...byName(() => integer), project_id: text, tenant_id: text }, 'NetworkQuotaOfProject'),
);
const QUOTA_LIST = {
  filters: ['project_id', 'tenant_id', ...NETWORK_QUOTA_NAMES],
  sortKeys: [],
  hasTags: false,
};
const detailShape = object({
  quota: object(byName(() => object({ limit: integer, used: integer, reserved: integer }))),
});
const base = { path: '/v2.0/quotas/:project_id', schemas: { params: Params }, status: 200 } as const;

/** `/quotas/{project}` (neutron/extensions/quotasv2.py, quotasv2_detail.py). */
export const quotaRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v2.0/quotas',
    access: 'admin',
    policy: 'get_quota',
    summary: 'List the quotas of the projects whose quotas were changed',
    schemas: { query: ListWords },
    status: 200,
    response: object({ quotas: listOf(projectShape) }),
    handle: async ({ parts, query }) => {
      const { filters, fields } = parseListQuery(query, QUOTA_LIST);
      const stored = await parts.store.quotas.ofAll(NETWORK_QUOTA_NAMES);
      const views = [...stored].map(([id, limits]) => ({
        ...networkLimits(limits),
        project_id: id,
        tenant_id: id,
      }));
      return {
        quotas: views.filter((view) => matches(view, filters)).map((view) => shown(view, fields)),
      };
    },
  }),
  route({
    ...base,
    method: 'GET',
    access: 'reader',
    policy: 'get_quota',
    summary: "Show a project's quotas",
    response: object({ quota: limitsShape }),
    handle: async (context) => ({ quota: await limitsOf(context) }),
  }),
  route({
    ...base,
    method: 'GET',
    path: `${base.path}/default`,
    access: 'reader',
    policy: 'get_quota',
    summary: 'Show the quotas that projects have unless theirs are changed',
    response: object({ quota: limitsShape }),
    handle: async (context) => {
      requireOwnQuota(context);
      return { quota: networkLimits({}) };
    },
  }),
  route({
    ...base,
    method: 'GET',
    path: `${base.path}/details`,
    access: 'reader',
    policy: 'get_quota',
    summary: "Show a project's quotas with what is used of them",
    response: detailShape,
    handle: async (context) => ({ quota: await detailsOf(context) }),
  }),
  route({
    ...base,
    method: 'PUT',
    access: 'admin',
    policy: 'update_quota',
    summary: "Change a project's quotas",
    schemas: { params: Params, body: updateBody('quota', update) },
    response: object({ quota: limitsShape }),
    handle: change,
  }),
  route({
    ...base,
    method: 'DELETE',
    access: 'admin',
    policy: 'delete_quota',
    summary: "Give a project's quotas back to the defaults",
    status: 204,
    handle: ({ params, parts }) =>
      parts.store.quotas.reset(params.project_id as ProjectId, NETWORK_QUOTA_NAMES),
  }),
];

interface Forced {
  readonly force?: boolean;
  readonly check_limit?: boolean;
}
type Asked<Body = unknown> = RequestContext<{ readonly project_id: string }, unknown, Body>;

async function change(
  context: Asked<Readonly<Record<string, Partial<NetworkLimits> & Forced>>>,
): Promise<{ quota: NetworkLimits }> {
  const { params, parts, body } = context;
  if (body.quota === undefined) throw new Failure('invalid', "Unable to find 'quota' in request body");
  const {
    force = false,
    check_limit: _always,
    ...limits
  } = converted(update, body.quota) as Partial<NetworkLimits> & Forced;
  const project = params.project_id as ProjectId;
  await parts.store.transaction(async (tx) => {
    if (!force) await refuseBelowUse(tx, project, limits);
    await tx.quotas.set(project, limits as Readonly<Record<string, number>>);
  });
  return { quota: await limitsOf(context) };
}

/** neutron/extensions/quotasv2.py update */
async function refuseBelowUse(
  store: Queries,
  project: ProjectId,
  limits: Partial<NetworkLimits>,
): Promise<void> {
  for (const name of NETWORK_QUOTA_NAMES) {
    const limit = limits[name] ?? -1;
    const used = limit === -1 ? 0 : await usedOf(store, name, project);
    if (limit !== -1 && used > limit)
      throw new Failure(
        'invalid',
        `Quota limit ${limit} for ${name} must be greater than or equal to already used ${used}`,
      );
  }
}

async function limitsOf(context: Asked): Promise<NetworkLimits> {
  requireOwnQuota(context);
  return networkLimits(await context.parts.store.quotas.of(context.params.project_id as ProjectId));
}

async function detailsOf(context: Asked): Promise<Record<string, object>> {
  const limits = await limitsOf(context);
  const details: Record<string, object> = {};
  for (const name of NETWORK_QUOTA_NAMES) {
    const used = await usedOf(context.parts.store, name, context.params.project_id as ProjectId);
    details[name] = { limit: limits[name], used, reserved: 0 };
  }
  return details;
}

async function usedOf(store: Queries, name: NetworkQuotaName, project: ProjectId): Promise<number> {
  return (await USED[name]?.(store, project)) ?? 0;
}

/** @throws {Failure} `forbidden` */
function requireOwnQuota({ params, caller }: Asked): void {
  if (!caller.isAdmin && params.project_id !== caller.projectId)
    throw refusedByPolicy('get_quota', 'a project sees its own quotas');
}

function byName<Value>(value: () => Value): Record<NetworkQuotaName, Value> {
  return Object.fromEntries(NETWORK_QUOTA_NAMES.map((name) => [name, value()])) as Record<
    NetworkQuotaName,
    Value
  >;
}
