import { type Expression, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import { Failure } from '../../model/failure.ts';
import type { Page } from '../promise/page.ts';
import type { Schema } from './schema.ts';

/** A column by which a list can be sorted. */
export interface SortColumn<Column extends string = string> {
  readonly column: Column;
  readonly nullable: boolean;
}

/** One part of an order, most significant first. */
export interface OrderPart<Column extends string = string> extends SortColumn<Column> {
  readonly direction: 'asc' | 'desc';
}

/** The sort keys and the default order of a list. */
export interface KnownOrder<Column extends string> {
  readonly keys: Readonly<Record<string, SortColumn<Column>>>;
  /** The default order. */
  readonly usual: readonly OrderPart<Column>[];
  /** A column with unique values. */
  readonly last: Column;
}

/** The values of a query for a page. */
export interface PageArguments {
  readonly limit: number;
  /** The values of the marker's row in the columns of the order. */
  readonly after: readonly unknown[] | undefined;
}

/** The form of a query for a page: what changes its text. */
export interface PageForm<Column extends string = string> {
  readonly order: readonly OrderPart<Column>[];
  /** Which of the marker's values are null. */
  readonly afterEmpty: readonly boolean[];
}

/**
 * Plans a page: its order, and the row after which it begins.
 * @param findMarker finds the row of a marker
 * @throws {Failure} `invalid` on an unknown marker or sort key
 */
export async function planPage<Column extends string>(
  page: Page,
  known: KnownOrder<Column>,
  findMarker: (marker: string) => Promise<readonly object[]>,
): Promise<{ readonly at: PageArguments; readonly form: PageForm<Column> }> {
  const { limit, marker } = page;
  const order = orderOf(page, known);
  if (marker === undefined) return { at: { limit, after: undefined }, form: { order, afterEmpty: [] } };
  const [row] = await findMarker(marker);
  if (row === undefined) throw markerNotFound(marker);
  const { values, empty } = afterRow(order, { ...row });
  return { at: { limit, after: values }, form: { order, afterEmpty: empty } };
}

/** Limits a query to a page. */
export function pageOf<Table extends keyof Schema, Row>(
  query: SelectQueryBuilder<Schema, Table, Row>,
  table: Table,
  { at: { limit, after }, form: { order, afterEmpty } }: { at: PageArguments; form: PageForm },
): SelectQueryBuilder<Schema, Table, Row> {
  let paged = query;
  if (after !== undefined)
    paged = paged.where(comesAfter(order, { values: after, empty: afterEmpty }, table));
  for (const part of orderBy(order, table)) paged = paged.orderBy(part);
  return paged.limit(limit);
}

/**
 * The complete order of a page: the requested or the default order, then columns that make it unique, in the
 * direction of the first column (nova/db/utils.py process_sort_params).
 * @throws {Failure} `invalid` on an unknown sort key
 */
function orderOf<Column extends string>(page: Page, known: KnownOrder<Column>): OrderPart<Column>[] {
  const requested = (page.sort ?? []).map(({ key, direction }) => {
    const column = Object.hasOwn(known.keys, key) ? known.keys[key] : undefined;
    if (column === undefined)
      throw new Failure(
        'invalid',
        `'${key}' is not a sort key; accepted are: ${Object.keys(known.keys).sort().join(', ')}.`,
      );
    return { ...column, direction };
  });
  const order = (requested.length > 0 ? requested : known.usual).filter(
    (part, at, all) => all.findIndex((other) => other.column === part.column) === at,
  );
  if (!order.some((part) => part.column === known.last))
    order.push({ column: known.last, nullable: false, direction: order[0]?.direction ?? 'asc' });
  return order;
}

/** The order as SQL. Nulls come first in both databases. */
export function orderBy(order: readonly OrderPart[], table: string): Expression<unknown>[] {
  return order.map(({ column, direction, nullable }) => {
    const ref = sql.ref(`${table}.${column}`);
    if (direction === 'asc') return nullable ? sql`${ref} asc nulls first` : sql`${ref} asc`;
    return nullable ? sql`${ref} desc nulls last` : sql`${ref} desc`;
  });
}

/** The position after which a page begins: the values of the marker's row, and which of them are null. */
interface After {
  readonly values: readonly unknown[];
  readonly empty: readonly boolean[];
}

/** Reads the values of the order's columns from the marker's row. */
function afterRow(order: readonly OrderPart[], row: Readonly<Record<string, unknown>>): After {
  const values = order.map((part) => row[part.column] ?? null);
  return { values, empty: values.map((value) => value === null) };
}

/** A condition that holds for rows after the given one. */
export function comesAfter(order: readonly OrderPart[], after: After, table: string): Expression<SqlBool> {
  const points = order.map((part, at) => ({
    ...part,
    ref: sql.ref(`${table}.${part.column}`),
    value: after.values[at],
    empty: after.empty[at] === true,
  }));
  const first = points[0]!;
  if (points.every((point) => !point.nullable && point.direction === first.direction)) {
    const sign = sql.raw(first.direction === 'asc' ? '>' : '<');
    const values = points.map((point) => sql`${point.value}`);
    return sql<SqlBool>`(${sql.join(points.map((point) => point.ref))}) ${sign} (${sql.join(values)})`;
  }
  const branches = points.map((point, at) => {
    const tied = points.slice(0, at).map(equals);
    return sql`(${sql.join([...tied, isBeyond(point)], sql` and `)})`;
  });
  return sql<SqlBool>`(${sql.join(branches, sql` or `)})`;
}

interface Point extends OrderPart {
  readonly ref: Expression<unknown>;
  readonly value: unknown;
  readonly empty: boolean;
}

function equals({ ref, value, empty }: Point): Expression<unknown> {
  return empty ? sql`${ref} is null` : sql`${ref} = ${value}`;
}

function isBeyond({ ref, value, empty, direction, nullable }: Point): Expression<unknown> {
  if (empty) return direction === 'asc' ? sql`${ref} is not null` : sql`1 = 0`;
  if (direction === 'asc') return sql`${ref} > ${value}`;
  return nullable ? sql`(${ref} < ${value} or ${ref} is null)` : sql`${ref} < ${value}`;
}

/** The failure for a marker that does not exist (nova/exception.py MarkerNotFound). */
export function markerNotFound(marker: string): Failure {
  return new Failure('invalid', `marker [${marker}] not found`);
}
