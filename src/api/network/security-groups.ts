import { randomUUID } from 'node:crypto';
import type { Static } from 'typebox';
import { Failure } from '../../model/failure.ts';
import { isUuid } from '../../model/ids.ts';
import type { SecurityGroupId } from '../../model/network/network-ids.ts';
import type { SecurityGroup, SecurityGroupRule } from '../../model/network/security-group.ts';
import { Type } from '../../model/schema.ts';
import type { Route } from '../http/route.ts';
import { flag, listOf, object } from '../http/shape.ts';
import { commonFilter } from './common-filter.ts';
import { COMMON_FILTERS, COMMON_READ_ONLY, commonFields, commonView } from './common-view.ts';
import { attributes, Description, Name, Owner, only } from './fields.ts';
import { ownerOf } from './owner.ts';
import { groupNotFound } from './refusals.ts';
import { requireQuota } from './require-quota.ts';
import { isOfProject, plain, type Reading, type Resource, type View, type Writing } from './resource.ts';
import { resourceRoutes } from './resource-routes.ts';
import { ruleShape, ruleView } from './rule-view.ts';
import { tagRoutes } from './tags.ts';

/** Each project has it from the start. */
const DEFAULT = 'default';

const fields = {
  name: Type.Optional(Name),
  description: Type.Optional(Description),
  stateful: Type.Optional(only(true, 'true: the filters of hosts follow connections')),
};
const create = attributes(
  { ...fields, project_id: Type.Optional(Owner), tenant_id: Type.Optional(Owner) },
  { in: 'POST', names: [...COMMON_READ_ONLY, 'security_group_rules', 'tags'] },
);
const update = attributes(fields, {
  in: 'PUT',
  names: [...COMMON_READ_ONLY, 'security_group_rules', 'project_id', 'tenant_id', 'tags'],
});

const groups: Resource<SecurityGroup, typeof create, typeof update> = {
  name: 'security_group',
  collection: 'security_groups',
  path: '/security-groups',
  shape: object(
    { ...commonFields, stateful: flag, security_group_rules: listOf(ruleShape) },
    'SecurityGroup',
  ),
  create,
  update,
  abilities: {
    filters: [...COMMON_FILTERS, 'stateful'],
    sortKeys: ['id', 'name', 'project_id', 'tenant_id', 'created_at', 'updated_at'],
    hasTags: true,
  },
  notFound: groupNotFound,
  find: async ({ store }, id) => (isUuid(id) ? store.securityGroups.find(id as SecurityGroupId) : undefined),
  isVisible: isOfProject,
  isOwn: isOfProject,
  list: async (at, { visibleTo, query }, page) => {
    if (page.marker === undefined) await haveDefault(at);
    return at.store.securityGroups.list(commonFilter<SecurityGroupId>(query, visibleTo), page);
  },
  views: async (_at, rows) => rows.map(viewOf),
  insert,
  change,
  remove,
};

export const securityGroups = plain(groups);

export const securityGroupRoutes: readonly Route[] = [
  ...resourceRoutes(groups),
  ...tagRoutes(groups, ({ store, now }, { id, generation }, tags) =>
    store.securityGroups.update({ id, generation }, { tags, updatedAt: now }),
  ),
];

/** Makes the group `default` of the caller's project unless it is there, as Neutron does at each list. */
export async function haveDefault({ store, caller }: Reading): Promise<void> {
  if (caller.projectId !== null) await store.securityGroups.defaultOf(caller.projectId, Date.now());
}

async function insert(at: Writing, asked: Static<typeof create>): Promise<SecurityGroup> {
  const { store, now } = at;
  const projectId = ownerOf(asked, at.caller);
  refuseDefaultName(
    asked.name,
    'SecurityGroupDefaultAlreadyExists',
    'Default security group already exists.',
  );
  await store.securityGroups.defaultOf(projectId, now);
  await requireQuota(store, 'security_group', projectId);
  const id = randomUUID() as SecurityGroupId;
  const group: SecurityGroup = {
    id,
    generation: 1,
    projectId,
    name: asked.name ?? '',
    description: asked.description ?? '',
    stateful: true,
    rules: (['IPv4', 'IPv6'] as const).map(
      (ethertype): SecurityGroupRule => ({
        id: randomUUID(),
        groupId: id,
        projectId,
        description: '',
        direction: 'egress',
        ethertype,
        protocol: null,
        portRangeMin: null,
        portRangeMax: null,
        remoteIpPrefix: null,
        remoteGroupId: null,
        createdAt: now,
      }),
    ),
    tags: [],
    createdAt: now,
    updatedAt: now,
  };
  await store.securityGroups.insert(group);
  return group;
}

async function change(
  { store, now }: Writing,
  group: SecurityGroup,
  asked: Static<typeof update>,
): Promise<SecurityGroup> {
  if (asked.name !== undefined && asked.name !== group.name) {
    if (group.name === DEFAULT)
      throw conflict('SecurityGroupCannotUpdateDefault', 'Updating default security group not allowed.');
    refuseDefaultName(
      asked.name,
      'SecurityGroupDefaultAlreadyExists',
      'Default security group already exists.',
    );
  }
  return store.securityGroups.update(
    { id: group.id, generation: group.generation },
    {
      ...(asked.name !== undefined && { name: asked.name }),
      ...(asked.description !== undefined && { description: asked.description }),
      updatedAt: now,
    },
  );
}

/** neutron/db/securitygroups_db.py delete_security_group */
async function remove({ store, caller }: Writing, { id, name }: SecurityGroup): Promise<void> {
  if (name === DEFAULT && !caller.isAdmin)
    throw conflict(
      'SecurityGroupCannotRemoveDefault',
      'Insufficient rights for removing default security group.',
    );
  await store.securityGroups.delete(id);
}

function refuseDefaultName(name: string | undefined, type: string, message: string): void {
  if (name?.toLowerCase() === DEFAULT) throw conflict(type, message);
}

function conflict(type: string, message: string): Failure {
  return new Failure('conflict', message, { type });
}

function viewOf(group: SecurityGroup): View {
  return {
    ...commonView(group),
    stateful: group.stateful,
    security_group_rules: group.rules.map(ruleView),
  };
}
