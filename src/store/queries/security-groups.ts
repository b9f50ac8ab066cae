import { randomUUID } from 'node:crypto';
import { Failure } from '../../model/failure.ts';
import type { ProjectId } from '../../model/ids.ts';
import type { SecurityGroupId } from '../../model/network/network-ids.ts';
import {
  defaultSecurityGroup,
  type SecurityGroup,
  type SecurityGroupRule,
} from '../../model/network/security-group.ts';
import type { CommonFilter, SecurityGroupQueries } from '../promise/networks.ts';
import type { Page } from '../promise/page.ts';
import type { SecurityGroupsTable } from '../sql/network-schema.ts';
import { type PageArguments, type PageForm, pageOf, planPage, type SortColumn } from '../sql/paging.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';
import {
  type CommonArguments,
  commonArguments,
  commonConditions,
  dropTags,
  equals,
  setTags,
  whereAll,
} from './network-filter.ts';
import { changeNetworkUsage, networkUsage } from './network-usage.ts';
import { holdRows, lockForChange, lockForDelete } from './row-locks.ts';
import {
  deleteRule,
  deleteRulesOf,
  findRule,
  insertRule,
  listRules,
  rulesOfGroups,
} from './security-group-rules.ts';

type Column = Exclude<keyof SecurityGroupsTable, 'body' | 'default_of'>;

const by = (column: Column): SortColumn<Column> => ({ column, nullable: false });
const ORDER = {
  keys: {
    id: by('id'),
    name: by('name'),
    project_id: by('project_id'),
    tenant_id: by('project_id'),
    created_at: by('created_at'),
    updated_at: by('updated_at'),
  },
  usual: [{ ...by('id'), direction: 'asc' }],
  last: 'id',
} as const;

const insert = statement((dialect, row: SecurityGroupsTable) =>
  dialect.db
    .insertInto('security_groups')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id'),
);

const find = statement((dialect, of: { id: string }) =>
  dialect.db.selectFrom('security_groups').selectAll().where('id', '=', of.id),
);

const hold = statement((dialect, of: { id: string }) =>
  holdRows(dialect, dialect.db.selectFrom('security_groups').select('id').where('id', '=', of.id)),
);

const findDefault = statement((dialect, of: { project: string }) =>
  dialect.db.selectFrom('security_groups').selectAll().where('default_of', '=', of.project),
);

const findForChange = statement((dialect, of: { id: string }) =>
  lockForChange(dialect, dialect.db.selectFrom('security_groups').selectAll().where('id', '=', of.id)),
);

const findForDelete = statement((dialect, of: { id: string }) =>
  lockForDelete(dialect, dialect.db.selectFrom('security_groups').selectAll().where('id', '=', of.id)),
);

const update = statement(
  (dialect, { id, ...columns }: Partial<SecurityGroupsTable> & { readonly id: string }) =>
    dialect.db.updateTable('security_groups').set(columns).where('id', '=', id),
);

const remove = statement((dialect, of: { id: string }) =>
  dialect.db.deleteFrom('security_groups').where('id', '=', of.id),
);

const aPortIn = statement((dialect, of: { id: string }) =>
  dialect.db.selectFrom('port_security_groups').select('port_id').where('group_id', '=', of.id).limit(1),
);

interface Arguments extends PageArguments, CommonArguments {}
const list = statement((dialect, args: Arguments, form: PageForm<Column>) =>
  pageOf(
    whereAll(dialect.db.selectFrom('security_groups').selectAll('security_groups'), [
      ...commonConditions('security_groups', args),
      ...equals('security_groups.project_id', args.visibleTo),
    ]),
    'security_groups',
    { at: args, form },
  ),
);

/** Security groups and their rules, asked of one session. */
export function securityGroupQueries(session: Session): SecurityGroupQueries {
  return {
    insert: (group) => session.lockingTransaction((tx) => insertGroup(tx, group, null)),
    async find(id) {
      const [group] = await groupsOf(session, await find(session, { id }));
      return group;
    },
    list: (filter, page) => listGroups(session, filter, page),
    defaultOf: (project, at) => defaultOf(session, project, at),
    update: (seen, patch) => session.lockingTransaction((tx) => updateGroup(tx, seen, patch)),
    addRule: (rule) => session.lockingTransaction((tx) => addRule(tx, rule)),
    listRules: (filter, page) => listRules(session, filter, page),
    findRule: (id) => findRule(session, id),
    deleteRule: (id) => session.lockingTransaction((tx) => dropRule(tx, id)),
    delete: (id) => session.lockingTransaction((tx) => deleteGroup(tx, id)),
    count: (project) => networkUsage(session, project, 'security_group'),
    countRules: (project) => networkUsage(session, project, 'security_group_rule'),
  };
}

async function insertGroup(session: Session, group: SecurityGroup, defaultFor: ProjectId | null) {
  const [made] = await insert(session, rowOf(group, defaultFor));
  if (made === undefined) throw new Failure('conflict', `Security group ${group.id} already exists.`);
  for (const rule of group.rules) await insertRule(session, rule);
  await setTags(session, group.id, { before: [], after: group.tags });
  await changeNetworkUsage(session, group.projectId, { resource: 'security_group', by: 1 });
}

async function defaultOf(session: Session, project: ProjectId, at: number): Promise<SecurityGroup> {
  const [known] = await groupsOf(session, await findDefault(session, { project }));
  if (known !== undefined) return known;
  return session.lockingTransaction(async (tx) => {
    const group = defaultSecurityGroup({ project, at, newId: randomUUID });
    const [made] = await insert(tx, rowOf(group, project));
    if (made === undefined) {
      const [others] = await groupsOf(tx, await findDefault(tx, { project }));
      return others as SecurityGroup;
    }
    for (const rule of group.rules) await insertRule(tx, rule);
    await changeNetworkUsage(tx, project, { resource: 'security_group', by: 1 });
    return group;
  });
}

async function listGroups(
  session: Session,
  filter: CommonFilter<SecurityGroupId>,
  page: Page,
): Promise<SecurityGroup[]> {
  const { at, form } = await planPage<Column>(page, ORDER, (id) => find(session, { id }));
  return groupsOf(session, await list(session, { ...at, ...commonArguments(filter) }, form));
}

async function updateGroup(
  session: Session,
  seen: Parameters<SecurityGroupQueries['update']>[0],
  patch: Parameters<SecurityGroupQueries['update']>[1],
): Promise<SecurityGroup> {
  const [row] = await findForChange(session, { id: seen.id });
  if (row === undefined) throw noSuchGroup(seen.id);
  if (row.generation !== seen.generation)
    throw new Failure('conflict', `Security group ${seen.id} was changed by another request. Try again.`, {
      type: 'StaleRevision',
    });
  const [before] = (await groupsOf(session, [row])) as [SecurityGroup];
  const after: SecurityGroup = { ...before, ...patch, id: before.id, generation: before.generation + 1 };
  const { default_of: _, ...columns } = rowOf(after, null);
  await update(session, columns);
  await setTags(session, after.id, { before: before.tags, after: after.tags });
  return after;
}

async function addRule(session: Session, rule: SecurityGroupRule): Promise<void> {
  const [group] = await findForChange(session, { id: rule.groupId });
  if (group === undefined) throw noSuchGroup(rule.groupId);
  if (rule.remoteGroupId !== null && (await hold(session, { id: rule.remoteGroupId })).length === 0)
    throw noSuchGroup(rule.remoteGroupId);
  await insertRule(session, rule);
  await update(session, { id: group.id, generation: group.generation + 1, updated_at: rule.createdAt });
}

async function dropRule(session: Session, id: string): Promise<boolean> {
  const rule = await findRule(session, id);
  const [group] = rule === undefined ? [] : await findForChange(session, { id: rule.groupId });
  if (group === undefined || (await deleteRule(session, id)) === undefined) return false;
  await update(session, { id: group.id, generation: group.generation + 1 });
  return true;
}

/** neutron_lib/exceptions: SecurityGroupInUse */
async function deleteGroup(session: Session, id: SecurityGroupId): Promise<boolean> {
  const [row] = await findForDelete(session, { id });
  if (row === undefined) return false;
  const [member] = await aPortIn(session, { id });
  if (member !== undefined)
    throw new Failure('conflict', `Security Group ${id} in use by port ${member.port_id}.`, {
      type: 'SecurityGroupInUse',
    });
  await deleteRulesOf(session, id);
  await dropTags(session, id);
  await remove(session, { id });
  await changeNetworkUsage(session, row.project_id, { resource: 'security_group', by: -1 });
  return true;
}

function noSuchGroup(id: SecurityGroupId): Failure {
  return new Failure('not-found', `Security group ${id} does not exist`, { type: 'SecurityGroupNotFound' });
}

async function groupsOf(session: Session, rows: readonly SecurityGroupsTable[]): Promise<SecurityGroup[]> {
  const rules = await rulesOfGroups(
    session,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => ({ ...groupOf(row), rules: rules.get(row.id) ?? [] }));
}

function rowOf(group: SecurityGroup, defaultFor: ProjectId | null): SecurityGroupsTable {
  const { id, generation, name, description, stateful, tags } = group;
  return {
    id,
    generation,
    project_id: group.projectId,
    name,
    default_of: defaultFor,
    created_at: group.createdAt,
    updated_at: group.updatedAt,
    body: JSON.stringify({ description, stateful, tags }),
  };
}

function groupOf(row: SecurityGroupsTable): Omit<SecurityGroup, 'rules'> {
  const { description, stateful, tags } = JSON.parse(row.body) as Pick<
    SecurityGroup,
    'description' | 'stateful' | 'tags'
  >;
  return {
    id: row.id as SecurityGroupId,
    generation: row.generation,
    projectId: row.project_id as ProjectId,
    name: row.name,
    description,
    stateful,
    tags,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
