import { Failure, type FailureKind } from '../../model/failure.ts';
import { isUuid } from '../../model/ids.ts';
import type { SecurityGroup } from '../../model/network/security-group.ts';
import { Type } from '../../model/schema.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { reading } from '../network/resource.ts';
import { requireVisible } from '../network/resource-page.ts';
import { securityGroups } from '../network/security-groups.ts';
import { changeRow, makeRows, removeRow } from '../network/write-rows.ts';
import { oneSecurityGroup, securityGroupList, securityGroupView } from './security-group-view.ts';

/** The last microversion with proxies for networks (nova MAX_PROXY_API_SUPPORT_VERSION). */
const old = { until: '2.35' } as const;
/** More groups than a project has. */
const MOST = 10_000;

export const NamedGroup = Type.Object({ id: Type.String() });
/** nova/api/openstack/compute/schemas/security_groups.py create */
const Text = Type.String({ maxLength: 255 });
const Fields = Type.Object({ security_group: Type.Object({ name: Text, description: Text }) });
const Digits = Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$' }));
const ListGroups = Type.Object({
  all_tenants: Type.Optional(Type.String()),
  limit: Digits,
  offset: Digits,
});

/** Security groups as clients below 2.36 ask Nova for them (nova SecurityGroupController). */
export const securityGroupProxyRoutes: readonly Route[] = [
  route({
    ...old,
    method: 'GET',
    path: '/os-security-groups',
    access: 'reader',
    policy: 'os_compute_api:os-security-groups:get',
    summary: "List the project's security groups",
    schemas: { query: ListGroups },
    status: 200,
    response: securityGroupList,
    async handle(context) {
      const { limit, offset, all_tenants: all } = context.query;
      const groups = await groupsOf(context, context.caller.isAdmin && all !== undefined && all !== '0');
      const first = Number(offset ?? 0);
      const page = groups.slice(first, Number(limit ?? 0) === 0 ? undefined : first + Number(limit));
      return { security_groups: page.map((group) => securityGroupView(group, groups)) };
    },
  }),
  route({
    ...old,
    method: 'GET',
    path: '/os-security-groups/:id',
    access: 'reader',
    policy: 'os_compute_api:os-security-groups:show',
    summary: 'Show a security group',
    schemas: { params: NamedGroup },
    status: 200,
    response: oneSecurityGroup,
    async handle(context) {
      const id = requireGroupId(context.params.id);
      return shown(context, await requireVisible(securityGroups, reading(context), id));
    },
  }),
  route({
    ...old,
    method: 'POST',
    path: '/os-security-groups',
    access: 'member',
    policy: 'os_compute_api:os-security-groups:create',
    summary: 'Create a security group',
    schemas: { body: Fields },
    status: 200,
    response: oneSecurityGroup,
    async handle(context) {
      const { name, description } = context.body.security_group;
      const made = makeRows(securityGroups, context, [{ name, description }]);
      const [group] = await asNovaRefuses(made, 'over-quota');
      return shown(context, group as SecurityGroup);
    },
  }),
  route({
    ...old,
    method: 'PUT',
    path: '/os-security-groups/:id',
    access: 'member',
    policy: 'os_compute_api:os-security-groups:update',
    summary: 'Change the name and description of a security group',
    schemas: { params: NamedGroup, body: Fields },
    status: 200,
    response: oneSecurityGroup,
    async handle(context) {
      requireGroupId(context.params.id);
      const { name, description } = context.body.security_group;
      const changed = changeRow(securityGroups, context, { name, description });
      return shown(context, await asNovaRefuses(changed));
    },
  }),
  route({
    ...old,
    method: 'DELETE',
    path: '/os-security-groups/:id',
    access: 'member',
    policy: 'os_compute_api:os-security-groups:delete',
    summary: 'Delete a security group',
    schemas: { params: NamedGroup },
    status: 202,
    response: 'nothing',
    async handle(context) {
      requireGroupId(context.params.id);
      await asNovaRefuses(removeRow(securityGroups, context));
    },
  }),
];

/** @throws {Failure} `invalid` (nova/network/security_group_api.py validate_id) */
export function requireGroupId(id: string): string {
  if (!isUuid(id.toLowerCase())) throw new Failure('invalid', 'Security group id should be uuid');
  return id;
}

/**
 * What the Network API would answer, with the status that Nova gives it: a conflict is 400, and 403 where
 * something was to be made (nova/network/security_group_api.py create_security_group, add_rules, destroy).
 */
export async function asNovaRefuses<Value>(
  work: Promise<Value>,
  conflict: FailureKind = 'invalid',
): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Failure && error.kind === 'conflict')) throw error;
    throw new Failure(error.type === 'SecurityGroupRuleExists' ? 'invalid' : conflict, error.message);
  }
}

async function groupsOf({ parts, caller }: RequestContext, all: boolean): Promise<SecurityGroup[]> {
  const { securityGroups: stored } = parts.store;
  if (caller.projectId === null) return [];
  await stored.defaultOf(caller.projectId, parts.now());
  const filter = all ? {} : { projectIds: [caller.projectId] };
  return stored.list(filter, { limit: MOST, sort: [{ key: 'name', direction: 'asc' }] });
}

async function shown({ parts }: RequestContext, group: SecurityGroup): Promise<{ security_group: object }> {
  const others = await parts.store.securityGroups.list({ projectIds: [group.projectId] }, { limit: MOST });
  return { security_group: securityGroupView(group, others) };
}
