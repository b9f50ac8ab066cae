import { type Expression, type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import type { CommonFilter } from '../promise/networks.ts';
import type { Schema } from '../sql/schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

export type NetworkNoun = 'networks' | 'subnets' | 'ports' | 'security_groups';
type Condition = RawBuilder<SqlBool>;

/** `CommonFilter` as values. */
export interface CommonArguments {
  readonly ids: readonly string[] | undefined;
  readonly names: readonly string[] | undefined;
  readonly projectIds: readonly string[] | undefined;
  readonly visibleTo: string | undefined;
  readonly tags: readonly string[] | undefined;
  readonly tagsAny: readonly string[] | undefined;
  readonly notTags: readonly string[] | undefined;
  readonly notTagsAny: readonly string[] | undefined;
}

export function commonArguments(filter: CommonFilter<string>): CommonArguments {
  const { ids, names, projectIds, visibleTo, tags, tagsAny, notTags, notTagsAny } = filter;
  return { ids, names, projectIds, visibleTo, tags, tagsAny, notTags, notTagsAny };
}

/** What narrows any noun's list; who sees a row is the noun's own question. */
export function commonConditions(noun: NetworkNoun, args: Omit<CommonArguments, 'visibleTo'>): Condition[] {
  const column = (name: string) => sql.ref(`${noun}.${name}`);
  const { tags, tagsAny, notTags, notTagsAny } = args;
  return [
    ...isOneOf(column('id'), args.ids),
    ...isOneOf(column('name'), args.names),
    ...isOneOf(column('project_id'), args.projectIds),
    ...(tags ?? []).map((tag) => hasTag(noun, [tag])),
    ...(tagsAny === undefined ? [] : [hasTag(noun, tagsAny)]),
    ...(notTags === undefined
      ? []
      : [
          not(
            sql.join(
              notTags.map((tag) => hasTag(noun, [tag])),
              sql` and `,
            ),
          ),
        ]),
    ...(notTagsAny === undefined ? [] : [not(hasTag(noun, notTagsAny))]),
  ];
}

/** The column has one of the values; without a list it may have any. */
export function isOneOf(column: Expression<unknown>, values: readonly unknown[] | undefined): Condition[] {
  if (values === undefined) return [];
  if (values.length === 0) return [sql<SqlBool>`1 = 0`];
  return [sql<SqlBool>`${column} in (${sql.join(values)})`];
}

/** The column has the value; an undefined value is any. */
export function equals(column: string, value: unknown): Condition[] {
  return value === undefined ? [] : [sql<SqlBool>`${sql.ref(column)} = ${value}`];
}

export function whereAll<Table extends keyof Schema, Row>(
  query: SelectQueryBuilder<Schema, Table, Row>,
  conditions: readonly Condition[],
): SelectQueryBuilder<Schema, Table, Row> {
  return conditions.length === 0 ? query : query.where(sql<SqlBool>`${sql.join(conditions, sql` and `)}`);
}

export function flag(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function hasTag(noun: NetworkNoun, tags: readonly string[]): Condition {
  return sql<SqlBool>`exists (select 1 from network_tags as t
    where t.resource_id = ${sql.ref(`${noun}.id`)} and t.tag in (${sql.join(tags)}))`;
}

function not(condition: Expression<unknown>): Condition {
  return sql<SqlBool>`not (${condition})`;
}

const addTag = statement((dialect, row: { resource_id: string; tag: string }) =>
  dialect.db
    .insertInto('network_tags')
    .values(row)
    .onConflict((conflict) => conflict.doNothing()),
);

const removeTags = statement((dialect, of: { id: string }) =>
  dialect.db.deleteFrom('network_tags').where('resource_id', '=', of.id),
);

/** Removes the tags of a row that is deleted. */
export async function dropTags(session: Session, id: string): Promise<void> {
  await removeTags(session, { id });
}

/** Rewrites the tags that filters look for; `before` is empty for a new row. */
export async function setTags(
  session: Session,
  id: string,
  { before, after }: { readonly before: readonly string[]; readonly after: readonly string[] },
): Promise<void> {
  if (before.length === after.length && before.every((tag, at) => tag === after[at])) return;
  if (before.length > 0) await removeTags(session, { id });
  for (const tag of after) await addTag(session, { resource_id: id, tag });
}
