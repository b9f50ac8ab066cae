import { randomUUID } from 'node:crypto';
import type { Static, TSchema } from 'typebox';
import { Failure } from '../../model/failure.ts';
import { parseFlexibleBoolean } from '../../model/flexible-boolean.ts';
import { Type } from '../../model/schema.ts';
import { GROUP_POLICIES, type GroupPolicy, type ServerGroup } from '../../model/server-group.ts';
import type { Queries } from '../../store/promise/store.ts';
import { forbidden } from '../http/access.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { IntegerSchema, LimitSchema, MAX_INT, NameSchema, parseInteger } from './field-schemas.ts';
import { pageLimit } from './paging.ts';
import { limitsOf } from './quota.ts';
import { oneServerGroup, serverGroupList, serverGroupView } from './server-group-view.ts';
import { requesterOf } from './servers/found-server.ts';
import { strictFrom275 } from './strict-query.ts';

const POLICY = 'os_compute_api:os-server-groups';
const closed = { additionalProperties: false } as const;
const one = '/os-server-groups/:server_group_id';
const Params = Type.Object({ server_group_id: Type.String() });
type Params = { server_group_id: string };
const Query = Type.Object({
  all_projects: Type.Optional(Type.String()),
  limit: Type.Optional(LimitSchema),
  offset: Type.Optional(LimitSchema),
});

const bodyOf = <P extends Record<string, TSchema>>(fields: P) =>
  Type.Object({ server_group: Type.Object({ name: NameSchema, ...fields }, closed) }, closed);
const policiesOf = (words: readonly GroupPolicy[]) => ({
  policies: Type.Array(Type.Enum([...words]), { minItems: 1, maxItems: 1 }),
});
const FirstBody = bodyOf(policiesOf(['anti-affinity', 'affinity']));
const SoftBody = bodyOf(policiesOf(GROUP_POLICIES));
const RulesBody = bodyOf({
  policy: Type.Enum([...GROUP_POLICIES]),
  rules: Type.Optional(
    Type.Object({ max_server_per_host: Type.Optional(IntegerSchema({ minimum: 1 })) }, closed),
  ),
});

/**
 * A group of the caller's project; for administrators, any group.
 * @throws {Failure} `not-found`, `forbidden`
 */
async function found(context: RequestContext<Params>, store: Queries, rule: string): Promise<ServerGroup> {
  const { params, caller } = context;
  const group = await store.groups.find(params.server_group_id.toLowerCase());
  if (group === undefined)
    throw new Failure('not-found', `Instance group ${params.server_group_id} could not be found.`);
  if (!caller.isAdmin && group.projectId !== caller.projectId) throw forbidden(`${POLICY}:${rule}`);
  return group;
}

async function viewed(store: Queries, group: ServerGroup, version: number): Promise<object> {
  return serverGroupView({ group, members: await store.groups.members(group.id) }, version);
}

async function list(context: RequestContext<unknown, Static<typeof Query>>): Promise<object> {
  const { parts, query, caller, version } = context;
  const everywhere =
    caller.isAdmin && query.all_projects !== undefined && parseFlexibleBoolean(query.all_projects) !== false;
  const filter = everywhere ? {} : { projectId: requesterOf(context).projectId };
  const limit = pageLimit(query.limit, parts.config.api.max_limit);
  const offset = Math.min(Number(query.offset ?? 0), MAX_INT);
  const groups = await parts.store.groups.list(filter, { limit, offset });
  return { server_groups: await Promise.all(groups.map((group) => viewed(parts.store, group, version))) };
}

/** The policy of a new group. */
type Rule = Pick<ServerGroup, 'policy' | 'maxServerPerHost'>;

async function create(context: RequestContext, name: string, rule: Rule): Promise<object> {
  const { parts, version } = context;
  const { projectId, userId } = requesterOf(context);
  const createdAt = parts.now();
  const group: ServerGroup = { id: randomUUID(), projectId, userId, name, ...rule, createdAt };
  await parts.store.transaction(async (tx) => {
    const { server_groups: most } = await limitsOf(projectId, tx, parts.config);
    if (most >= 0 && (await tx.groups.count(projectId)) >= most)
      throw new Failure('over-quota', 'Quota exceeded, too many server groups.');
    await tx.groups.insert(group);
  });
  return { server_group: serverGroupView({ group, members: [] }, version) };
}

/** @throws {Failure} `invalid` for rules of a policy that does not support them */
function ruleOf({ policy, rules = {} }: Static<typeof RulesBody>['server_group']): Rule {
  if (policy !== 'anti-affinity' && Object.keys(rules).length > 0)
    throw new Failure('invalid', 'Only anti-affinity policy supports rules.');
  const most = rules.max_server_per_host;
  return {
    policy,
    maxServerPerHost: most === undefined ? null : parseInteger('max_server_per_host', most, 1),
  };
}

/** Deletes a group, and the reference to it from its servers, which stay where they are. */
async function remove(context: RequestContext<Params>): Promise<void> {
  await context.parts.store.transaction(async (tx) => {
    const group = await found(context, tx, 'delete');
    const members = await tx.groups.members(group.id);
    for (const server of await tx.servers.findMany(members.map(({ id }) => id)))
      await tx.servers.update(server, { groupId: null });
    await tx.groups.delete(group.id);
  });
}

const creation = {
  method: 'POST',
  path: '/os-server-groups',
  access: 'member',
  policy: `${POLICY}:create`,
  status: 200,
  summary: 'Create a server group',
  response: oneServerGroup,
} as const;
const older = (context: RequestContext<unknown, unknown, Static<typeof SoftBody>>) => {
  const { name, policies } = context.body.server_group;
  return create(context, name, { policy: policies[0]!, maxServerPerHost: null });
};

/** https://docs.openstack.org/api-ref/compute/#server-groups-os-server-groups */
export const serverGroupRoutes: Route[] = [
  ...strictFrom275(
    route({
      method: 'GET',
      path: '/os-server-groups',
      access: 'reader',
      policy: `${POLICY}:index`,
      summary: 'List server groups',
      schemas: { query: Query },
      status: 200,
      response: serverGroupList,
      handle: list,
    }),
  ),
  route({
    method: 'GET',
    path: one,
    access: 'reader',
    policy: `${POLICY}:show`,
    summary: 'Show a server group',
    schemas: { params: Params },
    status: 200,
    response: oneServerGroup,
    async handle(context) {
      const { store } = context.parts;
      return { server_group: await viewed(store, await found(context, store, 'show'), context.version) };
    },
  }),
  route({
    method: 'DELETE',
    path: one,
    access: 'member',
    policy: `${POLICY}:delete`,
    summary: 'Delete a server group; its servers stay',
    schemas: { params: Params },
    status: 204,
    handle: remove,
  }),
  route({ ...creation, until: '2.14', schemas: { body: FirstBody }, handle: (context) => older(context) }),
  route({
    ...creation,
    since: '2.15',
    until: '2.63',
    schemas: { body: SoftBody },
    handle: (context) => older(context),
  }),
  route({
    ...creation,
    since: '2.64',
    schemas: { body: RulesBody },
    handle: (context) => create(context, context.body.server_group.name, ruleOf(context.body.server_group)),
  }),
];
