import { randomUUID } from 'node:crypto';
import type { Static } from 'typebox';
import { Failure } from '../../model/failure.ts';
import { isUuid } from '../../model/ids.ts';
import { checkedRule } from '../../model/network/check-rule.ts';
import type { SecurityGroupId } from '../../model/network/network-ids.ts';
import type { SecurityGroup, SecurityGroupRule } from '../../model/network/security-group.ts';
import { Type } from '../../model/schema.ts';
import type { Route } from '../http/route.ts';
import { among } from './common-filter.ts';
import { COMMON_READ_ONLY } from './common-view.ts';
import { attributes, Description, nullable, Owner, oneOf } from './fields.ts';
import { ownerOf } from './owner.ts';
import { groupNotFound } from './refusals.ts';
import { requireQuota } from './require-quota.ts';
import { isOfProject, plain, type Resource, type Row, type Writing } from './resource.ts';
import { resourceRoutes } from './resource-routes.ts';
import { ruleShape, ruleView } from './rule-view.ts';
import { haveDefault } from './security-groups.ts';

/** A text that is no UUID names no group, and is 404: Neutron does not check its form. */
const GroupId = Type.String({ maxLength: 255 });

/** A port's number, which clients of old send as text; `checkedRule` says which are accepted. */
const PortNumber = Type.Optional(
  Type.Unsafe<number | string | null>({
    anyOf: [
      { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 },
      { type: 'string', pattern: '^-?\\d{1,5}$' },
      { type: 'null' },
    ],
    '~accepts': 'a port number, 0 to 65535',
  }),
);

const create = attributes(
  {
    security_group_id: GroupId,
    direction: oneOf('ingress', 'egress'),
    ethertype: Type.Optional(
      Type.Unsafe<string>({ type: 'string', pattern: '^[iI][pP][vV][46]$', '~accepts': 'IPv4 or IPv6' }),
    ),
    protocol: Type.Optional(
      Type.Unsafe<string | number | null>({
        anyOf: [
          { type: 'string', maxLength: 40 },
          { type: 'integer', minimum: 0, maximum: 255 },
          { type: 'null' },
        ],
        '~accepts': "a protocol's name or number",
      }),
    ),
    port_range_min: PortNumber,
    port_range_max: PortNumber,
    remote_ip_prefix: Type.Optional(nullable(Type.String({ maxLength: 64 }))),
    remote_group_id: Type.Optional(nullable(GroupId)),
    description: Type.Optional(nullable(Description)),
    project_id: Type.Optional(Owner),
    tenant_id: Type.Optional(Owner),
  },
  { in: 'POST', names: COMMON_READ_ONLY },
);

/** A rule as a row: its one revision. */
type RuleRow = SecurityGroupRule & Row;
const rowOf = (rule: SecurityGroupRule): RuleRow => ({ ...rule, generation: 0 });

const rules: Resource<RuleRow, typeof create, typeof create> = {
  name: 'security_group_rule',
  collection: 'security_group_rules',
  path: '/security-group-rules',
  shape: ruleShape,
  create,
  abilities: {
    filters: [
      'id',
      'security_group_id',
      'remote_group_id',
      'direction',
      'ethertype',
      'protocol',
      'port_range_min',
      'port_range_max',
      'remote_ip_prefix',
      'description',
      'project_id',
      'tenant_id',
      'revision_number',
    ],
    sortKeys: ['id', 'security_group_id', 'remote_group_id', 'project_id', 'tenant_id', 'created_at'],
    hasTags: false,
  },
  notFound: (id) =>
    new Failure('not-found', `Security group rule ${id} does not exist`, {
      type: 'SecurityGroupRuleNotFound',
    }),
  find: async ({ store }, id) => {
    const rule = isUuid(id) ? await store.securityGroups.findRule(id) : undefined;
    return rule && rowOf(rule);
  },
  isVisible: isOfProject,
  isOwn: isOfProject,
  list: async (at, { visibleTo, query }, page) => {
    if (page.marker === undefined) await haveDefault(at);
    const found = await at.store.securityGroups.listRules(
      {
        ...among(query, 'ids', 'id'),
        ...among<'groupIds', SecurityGroupId>(query, 'groupIds', 'security_group_id'),
        ...among<'remoteGroupIds', SecurityGroupId>(query, 'remoteGroupIds', 'remote_group_id'),
        ...(visibleTo !== undefined && { projectIds: [visibleTo] }),
      },
      page,
    );
    return found.map(rowOf);
  },
  views: async (_at, rows) => rows.map(ruleView),
  insert,
  remove: async ({ store }, { id }) => void (await store.securityGroups.deleteRule(id)),
  affects: async (_at, { groupId }) => ({ groups: [groupId] }),
};

export const securityGroupRules = plain(rules);

export const securityGroupRuleRoutes: readonly Route[] = resourceRoutes(rules);

async function insert(at: Writing, asked: Static<typeof create>): Promise<RuleRow> {
  const { store, now } = at;
  ownerOf(asked, at.caller);
  const group = await groupNamed(at, asked.security_group_id);
  if (asked.remote_group_id != null) await groupNamed(at, asked.remote_group_id);
  await requireQuota(store, 'security_group_rule', group.projectId);
  const rule: SecurityGroupRule = {
    id: randomUUID(),
    groupId: group.id,
    projectId: group.projectId,
    description: asked.description ?? '',
    direction: asked.direction,
    createdAt: now,
    ...checkedRule({
      ethertype: asked.ethertype?.endsWith('6') ? 'IPv6' : 'IPv4',
      protocol: asked.protocol == null ? null : String(asked.protocol),
      portRangeMin: numberOf(asked.port_range_min),
      portRangeMax: numberOf(asked.port_range_max),
      remoteIpPrefix: asked.remote_ip_prefix ?? null,
      remoteGroupId: (asked.remote_group_id?.toLowerCase() ?? null) as SecurityGroupId | null,
    }),
  };
  await store.securityGroups.addRule(rule);
  return rowOf(rule);
}

/** @throws {Failure} `not-found` for a group of another project */
async function groupNamed(at: Writing, id: string): Promise<SecurityGroup> {
  const lower = id.toLowerCase();
  const group = isUuid(lower) ? await at.store.securityGroups.find(lower as SecurityGroupId) : undefined;
  if (group === undefined || !isOfProject(at, group)) throw groupNotFound(id);
  return group;
}

function numberOf(asked: number | string | null | undefined): number | null {
  return asked == null ? null : Number(asked);
}
