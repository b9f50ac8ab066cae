import { Failure } from '../../model/failure.ts';
import type { ProjectId } from '../../model/ids.ts';
import { Type } from '../../model/schema.ts';
import type { Queries } from '../../store/promise/store.ts';
import { notImplemented } from '../http/failures.ts';
import type { Microversion } from '../http/microversion.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { BooleanSchema, IntegerSchema, parseBoolean, parseInteger } from './field-schemas.ts';
import { requireProject } from './flavor-access.ts';
import { requireSameProject } from './policy.ts';
import {
  ALL_QUOTAS,
  classQuotaNames,
  defaultLimits,
  limitsOf,
  type QuotaLimitsByName,
  type QuotaName,
  quotaNames,
  setDefaultLimits,
} from './quota.ts';
import { quotaClass, quotaDetails, quotaSet, updatedQuotaClass, updatedQuotaSet } from './small-shapes.ts';
import { strictFrom275 } from './strict-query.ts';

const POLICY = 'os_compute_api:os-quota-sets';
const CLASS_POLICY = 'os_compute_api:os-quota-class-sets';
const Params = Type.Object({ project_id: Type.String() });
const ClassParams = Type.Object({ class_name: Type.String({ minLength: 1, maxLength: 255 }) });
const UserQuery = Type.Object({ user_id: Type.Optional(Type.String()) });

type Limits = Partial<Record<QuotaName, number | string>>;
type ProjectAsk<Body = unknown> = RequestContext<{ project_id: string }, { user_id?: string }, Body>;

function limitsSchema(names: readonly QuotaName[], more: object = {}) {
  const limits = Object.fromEntries(names.map((name) => [name, IntegerSchema({ minimum: -1 })]));
  return Type.Unsafe<Limits & { force?: boolean | string }>({
    type: 'object',
    properties: { ...limits, ...more },
    additionalProperties: false,
  });
}

function picked(limits: QuotaLimitsByName, names: readonly QuotaName[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, limits[name]]));
}

function numbers(asked: Limits, names: readonly QuotaName[]): Partial<Record<QuotaName, number>> {
  const given = names.filter((name) => asked[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, parseInteger(name, asked[name]!, -1)]));
}

/**
 * The usage of a project, for resources counted by project. (Nova counts key pairs by user, and shows 0
 * here.)
 */
async function usedBy(store: Queries, project: ProjectId): Promise<Partial<Record<QuotaName, number>>> {
  const { instances, cores, ramMb } = await store.servers.usageOf(project);
  return { instances, cores, ram: ramMb, server_groups: await store.groups.count(project) };
}

async function show({ parts, params, version }: ProjectAsk) {
  const id = params.project_id as ProjectId;
  await requireProject(parts.store, id);
  return { quota_set: { id, ...picked(await limitsOf(id, parts.store, parts.config), quotaNames(version)) } };
}

async function detail({ parts, params, version }: ProjectAsk) {
  const id = params.project_id as ProjectId;
  await requireProject(parts.store, id);
  const [limits, used] = await Promise.all([
    limitsOf(id, parts.store, parts.config),
    usedBy(parts.store, id),
  ]);
  const each = quotaNames(version).map((name) => [
    name,
    { limit: limits[name], in_use: used[name] ?? 0, reserved: 0 },
  ]);
  return { quota_set: { id, ...Object.fromEntries(each) } };
}

async function update(context: ProjectAsk<{ quota_set: Limits & { force?: boolean | string } }>) {
  const { parts, params, version, body, query } = context;
  if (query.user_id !== undefined) throw notImplemented('A quota of one user');
  const id = params.project_id as ProjectId;
  const asked = numbers(body.quota_set, quotaNames(version));
  const forced = parseBoolean(body.quota_set.force ?? false);
  return parts.store.transaction(async (tx) => {
    await requireProject(tx, id);
    if (!forced) refuseBelowUse(asked, await usedBy(tx, id));
    await tx.quotas.set(id, { ...(await tx.quotas.of(id)), ...asked });
    return { quota_set: picked(await limitsOf(id, tx, parts.config), quotaNames(version)) };
  });
}

/** nova/api/openstack/compute/quota_sets.py _validate_quota_limit */
function refuseBelowUse(
  asked: Partial<Record<QuotaName, number>>,
  used: Partial<Record<QuotaName, number>>,
): void {
  for (const [name, limit] of Object.entries(asked)) {
    const least = used[name as QuotaName] ?? 0;
    if (limit !== -1 && limit < least)
      throw new Failure(
        'invalid',
        `Quota limit ${limit} for ${name} must be greater than or equal to already used and reserved ${least}.`,
      );
  }
}

/** The update of a quota set, in its three forms of the body. */
function updateRoutes(): Route[] {
  const ranges = [
    { names: quotaNames(1), until: '2.35' },
    { names: quotaNames(36), since: '2.36', until: '2.56' },
    { names: quotaNames(57), since: '2.57' },
  ] as const;
  return ranges.flatMap(({ names, ...range }) =>
    strictFrom275(
      route({
        ...range,
        method: 'PUT',
        path: '/os-quota-sets/:project_id',
        access: 'admin',
        policy: `${POLICY}:update`,
        summary: "Change a project's quotas",
        schemas: {
          params: Params,
          query: UserQuery,
          body: Type.Object(
            { quota_set: limitsSchema(names, { force: BooleanSchema }) },
            { additionalProperties: false },
          ),
        },
        status: 200,
        response: updatedQuotaSet,
        handle: (context) => update(context as ProjectAsk<{ quota_set: Limits }>),
      }),
    ),
  );
}

async function updateClass(
  context: RequestContext<{ class_name: string }, unknown, { quota_class_set: Limits }>,
): Promise<object> {
  const { parts, version, params, body } = context;
  if (params.class_name !== 'default') throw notImplemented('A quota class other than default');
  const names = classQuotaNames(version);
  return parts.store.transaction(async (tx) => {
    await setDefaultLimits(tx, numbers(body.quota_class_set, names));
    return { quota_class_set: picked(await defaultLimits(tx, parts.config), names) };
  });
}

function updateClassRoutes(): Route[] {
  const ranges = [
    { names: classQuotaNames(1), also: ['server_groups', 'server_group_members'], until: '2.49' },
    { names: classQuotaNames(50), also: [], since: '2.50', until: '2.56' },
    { names: classQuotaNames(57), also: [], since: '2.57' },
  ] as const;
  return ranges.map(({ names, also, ...range }) =>
    route({
      ...range,
      method: 'PUT',
      path: '/os-quota-class-sets/:class_name',
      access: 'admin',
      policy: `${CLASS_POLICY}:update`,
      summary: 'Change the quotas that projects have by default',
      schemas: {
        params: ClassParams,
        body: Type.Object(
          { quota_class_set: limitsSchema([...names, ...also]) },
          { additionalProperties: false },
        ),
      },
      status: 200,
      response: updatedQuotaClass,
      handle: updateClass,
    }),
  );
}

const own = (context: ProjectAsk, rule: string) =>
  requireSameProject(context.caller, context.params.project_id, rule);

/**
 * https://docs.openstack.org/api-ref/compute/#quota-sets-os-quota-sets and
 * #quota-class-sets-os-quota-class-sets
 */
export const quotaRoutes: Route[] = [
  ...strictFrom275(
    route({
      method: 'GET',
      path: '/os-quota-sets/:project_id',
      access: 'reader',
      policy: `${POLICY}:show`,
      summary: "Show a project's quotas",
      schemas: { params: Params, query: UserQuery },
      status: 200,
      response: quotaSet,
      handle: async (context) => {
        own(context as ProjectAsk, `${POLICY}:show`);
        return show(context as ProjectAsk);
      },
    }),
  ),
  ...strictFrom275(
    route({
      method: 'GET',
      path: '/os-quota-sets/:project_id/detail',
      access: 'reader',
      policy: `${POLICY}:detail`,
      summary: "Show a project's quotas and what is used of them",
      schemas: { params: Params, query: UserQuery },
      status: 200,
      response: quotaDetails,
      handle: async (context) => {
        own(context as ProjectAsk, `${POLICY}:detail`);
        return detail(context as ProjectAsk);
      },
    }),
  ),
  route({
    method: 'GET',
    path: '/os-quota-sets/:project_id/defaults',
    access: 'reader',
    policy: `${POLICY}:defaults`,
    summary: 'Show the quotas that a project has by default',
    schemas: { params: Params },
    status: 200,
    response: quotaSet,
    handle: async ({ parts, caller, params, version }) => {
      // Callers who are not administrators get the defaults for every id, as from a Nova that may not look up
      // projects.
      if (caller.isAdmin) await requireProject(parts.store, params.project_id);
      const limits = await defaultLimits(parts.store, parts.config);
      return { quota_set: { id: params.project_id, ...picked(limits, quotaNames(version)) } };
    },
  }),
  ...updateRoutes(),
  ...strictFrom275(
    route({
      method: 'DELETE',
      path: '/os-quota-sets/:project_id',
      access: 'admin',
      policy: `${POLICY}:delete`,
      summary: "Take a project's own quotas back to the default",
      schemas: { params: Params, query: UserQuery },
      status: 202,
      response: 'nothing',
      handle: async ({ parts, params, query }) => {
        // Users have no quotas of their own, so there is nothing to reset.
        if (query.user_id === undefined)
          await parts.store.quotas.reset(params.project_id as ProjectId, ALL_QUOTAS);
        return undefined;
      },
    }),
  ),
  route({
    method: 'GET',
    path: '/os-quota-class-sets/:class_name',
    access: 'admin',
    policy: `${CLASS_POLICY}:show`,
    summary: 'Show the quotas of a class; only `default` has any effect',
    schemas: { params: ClassParams },
    status: 200,
    response: quotaClass,
    handle: async ({ parts, params, version }) => {
      const limits = await defaultLimits(parts.store, parts.config);
      return {
        quota_class_set: {
          id: params.class_name,
          ...picked(limits, classQuotaNames(version as Microversion)),
        },
      };
    },
  }),
  ...updateClassRoutes(),
];
