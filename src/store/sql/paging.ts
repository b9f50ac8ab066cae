import { type Expression, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import { Failure } from '../../model/failure.ts';
import type { Page } from '../promise/page.ts';
import type { Schema } from './schema.ts';

/** A column that a list may be sorted by. */
export interface SortColumn<Column extends string = string> {
  readonly column: Column;
  readonly nullable: boolean;
}

/** One part of an order, most significant first. */
export interface OrderPart<Column extends string = string> extends SortColumn<Column> {
  readonly direction: 'asc' | 'desc';
}

/** By what a noun's lists may be sorted. */
export interface KnownOrder<Column extends string> {
  readonly keys: Readonly<Record<string, SortColumn<Column>>>;
  /** When nothing was asked for. */
  readonly usual: readonly OrderPart<Column>[];
  /** Tells any two rows apart. */
  readonly last: Column;
}

/** What a query for a page is given as values. */
export interface PageArguments {
  readonly limit: number;
  /** Of the marker's row, in the columns of the order. */
  readonly after: readonly unknown[] | undefined;
}

/** What decides how a query for a page reads. */
export interface PageForm<Column extends string = string> {
  readonly order: readonly OrderPart<Column>[];
  /** Which of the marker's values are null. */
  readonly afterEmpty: readonly boolean[];
}

/**
 * Works out a page: its order, and after which row it begins.
 * @param findMarker gives the row that a marker means
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

/** The page of what a query selects. */
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
 * The whole order of a page: what was asked for, else `usual`, and then the columns that are told apart by
 * nothing else. Those go in the direction of the first (nova/db/utils.py process_sort_params).
 * @throws {Failure} `invalid` on a key that the noun cannot be sorted by
 */
function orderOf<Column extends string>(page: Page, known: KnownOrder<Column>): OrderPart<Column>[] {
  const asked = (page.sort ?? []).map(({ key, direction }) => {
    const column = Object.hasOwn(known.keys, key) ? known.keys[key] : undefined;
    if (column === undefined)
      throw new Failure(
        'invalid',
        `'${key}' is no key to sort by; accepted are: ${Object.keys(known.keys).sort().join(', ')}.`,
      );
    return { ...column, direction };
  });
  const order = (asked.length > 0 ? asked : known.usual).filter(
    (part, at, all) => all.findIndex((other) => other.column === part.column) === at,
  );
  if (!order.some((part) => part.column === known.last))
    order.push({ column: known.last, nullable: false, direction: order[0]?.direction ?? 'asc' });
  return order;
}

/** The order as SQL. Nulls come before everything else, whatever the database would do by itself. */
export function orderBy(order: readonly OrderPart[], table: string): Expression<unknown>[] {
  return order.map(({ column, direction, nullable }) => {
    const ref = sql.ref(`${table}.${column}`);
    if (direction === 'asc') return nullable ? sql`${ref} asc nulls first` : sql`${ref} asc`;
    return nullable ? sql`${ref} desc nulls last` : sql`${ref} desc`;
  });
}

/**
 * Where in the order a page begins: after the row that holds these values. `empty` says which of them are
 * null.
 */
interface After {
  readonly values: readonly unknown[];
  readonly empty: readonly boolean[];
}

/** Takes the values of the order's columns out of the marker's row. */
function afterRow(order: readonly OrderPart[], row: Readonly<Record<string, unknown>>): After {
  const values = order.map((part) => row[part.column] ?? null);
  return { values, empty: values.map((value) => value === null) };
}

/** Holds for the rows that come after the given one. */
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

/** What every list says when its marker is not there (nova/exception.py MarkerNotFound). */
export function markerNotFound(marker: string): Failure {
  return new Failure('invalid', `marker [${marker}] not found`);
}
