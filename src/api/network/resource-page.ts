import type { TObject } from 'typebox';
import type { ListQuery } from './list-query.ts';
import { matches } from './matches.ts';
import type { Reading, Resource, Row, View } from './resource.ts';

/** Rows that are read from the store in one go. */
const GO = 200;

/**
 * A page of what the caller may see. The store narrows by what it has columns for; all filters are checked
 * here once more, so that every attribute can be one.
 * @throws {Failure} `not-found` when the marker is nothing that the caller may see
 */
export async function pageOf<R extends Row>(
  resource: Resource<R, TObject, TObject>,
  at: Reading,
  { query, limit }: { readonly query: ListQuery; readonly limit: number },
): Promise<View[]> {
  if (query.marker !== undefined) await requireVisible(resource, at, query.marker);
  const visibleTo = at.caller.isAdmin ? undefined : (at.caller.projectId ?? undefined);
  const sort = query.reverse ? query.sort.map(reversed) : query.sort;
  const found: View[] = [];
  for (let marker = query.marker; ; ) {
    const page = { limit: GO, sort, ...(marker !== undefined && { marker }) };
    const rows = await resource.list(at, { visibleTo, query }, page);
    const views = await resource.views(at, rows);
    found.push(...views.filter((view) => matches(view, query.filters)).slice(0, limit - found.length));
    if (found.length === limit || rows.length < GO) break;
    marker = rows.at(-1)?.id;
  }
  return query.reverse ? found.reverse() : found;
}

/** The row that an id names. @throws {Failure} `not-found` when the caller may not see it */
export async function requireVisible<R extends Row>(
  resource: Resource<R, TObject, TObject>,
  at: Reading,
  id: string,
): Promise<R> {
  const row = await resource.find(at, id.toLowerCase());
  if (row === undefined || !(await resource.isVisible(at, row))) throw resource.notFound(id);
  return row;
}

/** The attributes that a request named; of none, all. */
export function shown(view: View, fields: ReadonlySet<string>): View {
  if (fields.size === 0) return view;
  return Object.fromEntries(Object.entries(view).filter(([name]) => fields.has(name)));
}

/** Links to the pages around this one (neutron/api/api_common.py get_pagination_links). */
export function pageLinks(
  views: readonly View[],
  of: {
    readonly url: string;
    readonly words: Readonly<Record<string, string | readonly string[]>>;
    readonly query: ListQuery;
    readonly limit: number;
  },
): { rel: string; href: string }[] {
  const { query, limit } = of;
  const isShort = views.length < limit;
  if (query.limit === undefined && isShort) return [];
  const next = !isShort || query.reverse ? [{ rel: 'next', href: linkTo(of, views.at(-1), false) }] : [];
  const previous = !isShort || !query.reverse ? [{ rel: 'previous', href: linkTo(of, views[0], true) }] : [];
  return [...next, ...previous];
}

function linkTo(
  { url, words }: { readonly url: string; readonly words: Readonly<Record<string, unknown>> },
  edge: View | undefined,
  isReverse: boolean,
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(words))
    if (name !== 'marker' && name !== 'page_reverse')
      for (const text of [value].flat()) search.append(name, String(text));
  if (edge !== undefined) search.append('marker', String(edge.id));
  if (isReverse) search.append('page_reverse', 'True');
  return `${url}?${search}`;
}

function reversed({ key, direction }: ListQuery['sort'][number]): ListQuery['sort'][number] {
  return { key, direction: direction === 'asc' ? 'desc' : 'asc' };
}
