import { Failure } from '../../model/failure.ts';
import type { Caller } from '../../model/identity.ts';
import type { ProjectId } from '../../model/ids.ts';
import type { ImageFilter } from '../../store/promise/images.ts';
import type { Page } from '../../store/promise/page.ts';
import { VISIBILITIES } from './schemas.ts';
import { parseTimeBound } from './time-bound.ts';

/** Glance's `limit_param_default` and `api_limit_max`. */
const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 1000;
const SORT_KEYS = [
  'name',
  'status',
  'container_format',
  'disk_format',
  'size',
  'id',
  'created_at',
  'updated_at',
];
const MEMBER_STATUSES = ['pending', 'accepted', 'rejected', 'all'];

/** The query of a list: each key with all its values. */
export type QueryParams = ReadonlyMap<string, readonly string[]>;

function one(words: QueryParams, key: string): string | undefined {
  return words.get(key)?.at(-1);
}

function invalid(message: string): Failure {
  return new Failure('invalid', message);
}

/** @throws {Failure} `invalid` */
export function pageOf(words: QueryParams): Page {
  return {
    limit: limitOf(one(words, 'limit')),
    sort: sortOf(words),
  };
}

/** The marker in the client's form. */
export function markerOf(words: QueryParams): string | undefined {
  return one(words, 'marker');
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  if (!/^-?\d+$/.test(text)) throw invalid('limit param must be an integer');
  if (text.startsWith('-')) throw invalid('limit param must be positive');
  return Math.min(Number(text), MAX_LIMIT);
}

function sortOf(words: QueryParams): NonNullable<Page['sort']> {
  const given = words.get('sort');
  const keys = words.get('sort_key');
  const directions = words.get('sort_dir');
  if (given !== undefined && (keys !== undefined || directions !== undefined))
    throw invalid(
      "Old and new sorting syntax cannot be combined: give 'sort', or 'sort_key' and 'sort_dir'.",
    );
  if (given !== undefined)
    return given.flatMap((text) => text.split(',')).map((part) => sortKey(...splitSort(part.trim())));
  const fewerDirections = (directions ?? []).length > 1 && directions?.length !== keys?.length;
  if (fewerDirections) throw invalid('Number of sort dirs does not match the number of sort keys');
  return (keys ?? ['created_at']).map((key, index) =>
    sortKey(key, directions?.[index] ?? directions?.[0] ?? 'desc'),
  );
}

function splitSort(part: string): [string, string] {
  const [key = '', direction = 'desc'] = part.split(':');
  return [key, direction];
}

function sortKey(key: string, direction: string) {
  if (!SORT_KEYS.includes(key))
    throw invalid(`Invalid sort key: ${key}. It must be one of the following: ${SORT_KEYS.join(', ')}.`);
  if (direction !== 'asc' && direction !== 'desc')
    throw invalid(`Invalid sort direction: ${direction}. It must be one of the following: asc, desc.`);
  return { key, direction } as const;
}

/** Own keys of images without an index. A list that filters by them compares every image. */
const EXACT_KEYS = [
  'id',
  'size',
  'min_disk',
  'min_ram',
  'checksum',
  'os_hash_algo',
  'os_hash_value',
  'virtual_size',
];

function isExactKey(key: string): boolean {
  return EXACT_KEYS.includes(key);
}

/** A condition that the view of an image must meet, in addition to the filter; undefined without one. */
export function exactlyOf(
  words: QueryParams,
): ((shown: Readonly<Record<string, unknown>>) => boolean) | undefined {
  const wanted = EXACT_KEYS.flatMap((key) => {
    const text = one(words, key);
    return text === undefined ? [] : [{ key, texts: listed(text) }];
  });
  if (wanted.length === 0) return undefined;
  return (shown) => wanted.every(({ key, texts }) => texts.includes(String(shown[key])));
}

/** Keys of a query that are not filters. */
const PAGING = ['limit', 'marker', 'sort', 'sort_key', 'sort_dir'];

/**
 * The filter of a list. A key that Glance does not know is a custom property.
 * @throws {Failure} `invalid` for a value that no image can have
 */
export function filterOf(words: QueryParams, caller: Caller): ImageFilter {
  let filter: ImageFilter = { hidden: false };
  const properties: [string, string][] = [];
  for (const key of words.keys()) {
    if (PAGING.includes(key) || isExactKey(key)) continue;
    const reader = READERS.get(key);
    const text = one(words, key) ?? '';
    if (reader === undefined) properties.push([key, text]);
    else filter = { ...filter, ...reader(text, words.get(key) ?? []) };
  }
  if (!caller.isAdmin && caller.projectId !== null) filter = { ...filter, visibleTo: caller.projectId };
  return properties.length === 0 ? filter : { ...filter, properties: Object.fromEntries(properties) };
}

const READERS = new Map<string, (text: string, all: readonly string[]) => ImageFilter>(
  Object.entries({
    name: (text: string) => ({ names: listed(text) }),
    status: (text: string) => ({ statuses: listed(text) }),
    disk_format: (text: string) => ({ diskFormats: listed(text) }),
    container_format: (text: string) => ({ containerFormats: listed(text) }),
    owner: (text: string) => ({ owner: text as ProjectId }),
    tag: (_: string, all: readonly string[]) => ({ tags: [...new Set(all)] }),
    visibility: (text: string) => visibilityOf(word(text, 'visibility', [...VISIBILITIES, 'all'])),
    member_status: (text: string) => ({ memberStatus: word(text, 'status', MEMBER_STATUSES) }),
    size_min: (text: string) => ({ sizeMin: size(text, 'size_min') }),
    size_max: (text: string) => ({ sizeMax: size(text, 'size_max') }),
    os_hidden: (text: string) => ({ hidden: truth(text, 'os_hidden') }),
    protected: (text: string) => ({ protected: truth(text, 'protected') }),
    created_at: (_: string, all: readonly string[]) => ({ createdAt: boundsOf(all) }),
    updated_at: (_: string, all: readonly string[]) => ({ updatedAt: boundsOf(all) }),
  }),
);

function boundsOf(words: readonly string[]) {
  return [...new Set(words)].flatMap(parseTimeBound);
}

/** Parses `a` or `in:a,b`. An item with a comma is in double quotes. */
function listed(text: string): string[] {
  if (!text.startsWith('in:')) return [text];
  const items = text.slice(3).match(/"[^"]*"|[^,"]+/g);
  if (items === null || (text.split('"').length - 1) % 2 !== 0)
    throw invalid(`Invalid filter value ${text}.`);
  return items.map((item) => item.replace(/^"(.*)"$/, '$1'));
}

function word(text: string, noun: string, words: readonly string[]): string {
  if (!words.includes(text))
    throw invalid(`Invalid ${noun} value: ${text}. Accepted are ${words.join(', ')}.`);
  return text;
}

/**
 * `all` does not filter. In Glance it adds the community images of other projects, which Nameplate lists
 * only when they are requested.
 */
function visibilityOf(text: string): ImageFilter {
  return text === 'all' ? {} : { visibility: text };
}

function size(text: string, key: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw invalid(`Unable to filter on a range with a non-numeric value: ${key}=${text}`);
  return Number(text);
}

function truth(text: string, key: string): boolean {
  const lower = text.toLowerCase();
  if (lower !== 'true' && lower !== 'false')
    throw invalid(
      `Invalid value '${text}' for '${key}' filter. Valid values are case insensitive 'true' or 'false'.`,
    );
  return lower === 'true';
}
