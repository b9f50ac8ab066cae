import { sql } from 'kysely';
import { Failure } from '../../model/failure.ts';
import type { ProjectId } from '../../model/ids.ts';
import type { SecurityGroupId } from '../../model/network/network-ids.ts';
import type { SecurityGroupRule } from '../../model/network/security-group.ts';
import type { RuleFilter } from '../promise/networks.ts';
import type { Page } from '../promise/page.ts';
import type { SecurityGroupRulesTable } from '../sql/network-schema.ts';
import { type PageArguments, type PageForm, pageOf, planPage, type SortColumn } from '../sql/paging.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';
import { isOneOf, whereAll } from './network-filter.ts';
import { changeNetworkUsage } from './network-usage.ts';

type Row = Omit<SecurityGroupRulesTable, 'number'>;
type Column = Exclude<keyof Row, 'body' | 'matches'>;

const by = (column: Column, nullable = false): SortColumn<Column> => ({ column, nullable });
const ORDER = {
  keys: {
    id: by('id'),
    security_group_id: by('group_id'),
    remote_group_id: by('remote_group_id', true),
    project_id: by('project_id'),
    tenant_id: by('project_id'),
    created_at: by('created_at'),
  },
  usual: [{ ...by('id'), direction: 'asc' }],
  last: 'id',
} as const;

const insert = statement((dialect, row: Row) =>
  dialect.db
    .insertInto('security_group_rules')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id'),
);

const find = statement((dialect, of: { id: string }) =>
  dialect.db.selectFrom('security_group_rules').selectAll().where('id', '=', of.id),
);

const equal = statement((dialect, of: { group: string; matches: string }) =>
  dialect.db
    .selectFrom('security_group_rules')
    .select('id')
    .where('group_id', '=', of.group)
    .where('matches', '=', of.matches),
);

const ofGroups = statement((dialect, of: { groups: readonly string[] }) =>
  dialect.db
    .selectFrom('security_group_rules')
    .selectAll()
    .where('group_id', 'in', of.groups)
    .orderBy('number'),
);

const remove = statement((dialect, of: { id: string }) =>
  dialect.db.deleteFrom('security_group_rules').where('id', '=', of.id).returning(['group_id', 'project_id']),
);

const removeOfGroup = statement((dialect, of: { group: string }) =>
  dialect.db
    .deleteFrom('security_group_rules')
    .where((eb) => eb.or([eb('group_id', '=', of.group), eb('remote_group_id', '=', of.group)]))
    .returning('project_id'),
);

interface Arguments extends PageArguments {
  readonly ids: readonly string[] | undefined;
  readonly groupIds: readonly string[] | undefined;
  readonly projectIds: readonly string[] | undefined;
  readonly remoteGroupIds: readonly string[] | undefined;
}
const list = statement((dialect, args: Arguments, form: PageForm<Column>) =>
  pageOf(
    whereAll(dialect.db.selectFrom('security_group_rules').selectAll('security_group_rules'), [
      ...isOneOf(sql.ref('security_group_rules.id'), args.ids),
      ...isOneOf(sql.ref('security_group_rules.group_id'), args.groupIds),
      ...isOneOf(sql.ref('security_group_rules.project_id'), args.projectIds),
      ...isOneOf(sql.ref('security_group_rules.remote_group_id'), args.remoteGroupIds),
    ]),
    'security_group_rules',
    { at: args, form },
  ),
);

/** neutron_lib: SecurityGroupRuleExists. @throws {Failure} `conflict` when an equal rule exists */
export async function insertRule(session: Session, rule: SecurityGroupRule): Promise<void> {
  const row = rowOf(rule);
  const [made] = await insert(session, row);
  if (made === undefined) {
    const [same] = await equal(session, { group: row.group_id, matches: row.matches });
    throw new Failure(
      'conflict',
      same === undefined
        ? `Security group rule ${rule.id} already exists.`
        : `Security group rule already exists. Rule id is ${same.id}.`,
      { type: 'SecurityGroupRuleExists' },
    );
  }
  await changeNetworkUsage(session, rule.projectId, { resource: 'security_group_rule', by: 1 });
}

export async function findRule(session: Session, id: string): Promise<SecurityGroupRule | undefined> {
  const [row] = await find(session, { id });
  return row && ruleOf(row);
}

export async function listRules(
  session: Session,
  filter: RuleFilter,
  page: Page,
): Promise<SecurityGroupRule[]> {
  const { at, form } = await planPage<Column>(page, ORDER, (id) => find(session, { id }));
  const { ids, groupIds, projectIds, remoteGroupIds } = filter;
  return (await list(session, { ...at, ids, groupIds, projectIds, remoteGroupIds }, form)).map(ruleOf);
}

/** The rules of groups, in the order in which they were made. */
export async function rulesOfGroups(
  session: Session,
  groups: readonly string[],
): Promise<ReadonlyMap<string, readonly SecurityGroupRule[]>> {
  const rules = new Map<string, SecurityGroupRule[]>(groups.map((id) => [id, []]));
  if (groups.length === 0) return rules;
  for (const row of await ofGroups(session, { groups })) rules.get(row.group_id)?.push(ruleOf(row));
  return rules;
}

/** @returns the group that the rule was of; undefined: there is no such rule */
export async function deleteRule(session: Session, id: string): Promise<SecurityGroupId | undefined> {
  const [gone] = await remove(session, { id });
  if (gone === undefined) return undefined;
  await changeNetworkUsage(session, gone.project_id, { resource: 'security_group_rule', by: -1 });
  return gone.group_id as SecurityGroupId;
}

/** Removes a group's rules, and those of other groups that name it. */
export async function deleteRulesOf(session: Session, group: SecurityGroupId): Promise<void> {
  const byProject = Map.groupBy(await removeOfGroup(session, { group }), (row) => row.project_id);
  for (const [project, rows] of byProject)
    await changeNetworkUsage(session, project, { resource: 'security_group_rule', by: -rows.length });
}

type Body = Pick<
  SecurityGroupRule,
  'description' | 'direction' | 'ethertype' | 'protocol' | 'portRangeMin' | 'portRangeMax' | 'remoteIpPrefix'
>;

function rowOf(rule: SecurityGroupRule): Row {
  const { id, groupId, projectId, remoteGroupId, createdAt, description, ...match } = rule;
  const { direction, ethertype, protocol, portRangeMin, portRangeMax, remoteIpPrefix } = match;
  const matched = [direction, ethertype, protocol, portRangeMin, portRangeMax, remoteIpPrefix];
  return {
    id,
    group_id: groupId,
    project_id: projectId,
    remote_group_id: remoteGroupId,
    matches: JSON.stringify([...matched, remoteGroupId]),
    created_at: createdAt,
    body: JSON.stringify({ description, ...match }),
  };
}

function ruleOf(row: Row): SecurityGroupRule {
  const body = JSON.parse(row.body) as Body;
  return {
    id: row.id,
    groupId: row.group_id as SecurityGroupId,
    projectId: row.project_id as ProjectId,
    description: body.description,
    direction: body.direction,
    ethertype: body.ethertype,
    protocol: body.protocol,
    portRangeMin: body.portRangeMin,
    portRangeMax: body.portRangeMax,
    remoteIpPrefix: body.remoteIpPrefix,
    remoteGroupId: row.remote_group_id as SecurityGroupId | null,
    createdAt: row.created_at,
  };
}
