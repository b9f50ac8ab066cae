import { Failure } from '../../model/failure.ts';
import { Type } from '../../model/schema.ts';
import type { Page } from '../../store/promise/page.ts';
import { pythonRepr } from '../http/python-text.ts';

/** Any query: which words are filters is the resource's to say. */
export const ListWords = Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]));
type Words = Readonly<Record<string, string | readonly string[]>>;

/** Words of a list's query that are no filters. */
const CONTROLS: readonly string[] = ['fields', 'sort_key', 'sort_dir', 'limit', 'marker', 'page_reverse'];
const TAG_FILTERS = ['tags', 'tags-any', 'not-tags', 'not-tags-any'] as const;

/** What a resource's list can be narrowed and sorted by. */
export interface ListAbilities {
  /** Attributes that are filters. */
  readonly filters: readonly string[];
  readonly sortKeys: readonly string[];
  readonly hasTags: boolean;
}

/** What a list asks for, beside whose rows it may see. */
export interface ListQuery {
  /** By attribute: the values of which a row must have one. */
  readonly filters: ReadonlyMap<string, readonly string[]>;
  /** As the store's filters have them. */
  readonly tags: {
    readonly tags?: readonly string[];
    readonly tagsAny?: readonly string[];
    readonly notTags?: readonly string[];
    readonly notTagsAny?: readonly string[];
  };
  /** Attributes that are shown; empty: all. */
  readonly fields: ReadonlySet<string>;
  readonly sort: NonNullable<Page['sort']>;
  /** Rows of the page; undefined: the client asked for no pages. */
  readonly limit: number | undefined;
  readonly marker: string | undefined;
  /** The page before the marker. */
  readonly reverse: boolean;
}

/**
 * Reads a list's query (neutron/api/api_common.py get_filters_from_dict, get_sorts, get_limit_and_marker).
 * @throws {Failure} `invalid`
 */
export function parseListQuery(words: Words, abilities: ListAbilities): ListQuery {
  const all = (name: string): readonly string[] => [words[name] ?? []].flat().filter((text) => text !== '');
  const [marker] = all('marker').slice(-1);
  return {
    filters: filtersOf(words, abilities, all),
    tags: tagsOf(all),
    fields: new Set(all('fields')),
    sort: sortOf(all, abilities.sortKeys),
    limit: limitOf(all('limit').at(-1)),
    marker,
    reverse: all('page_reverse').at(-1)?.toLowerCase() === 'true',
  };
}

type All = (name: string) => readonly string[];

function filtersOf(
  words: Words,
  { filters, hasTags }: ListAbilities,
  all: All,
): Map<string, readonly string[]> {
  const others: readonly string[] = hasTags ? [...CONTROLS, ...TAG_FILTERS] : CONTROLS;
  const names = Object.keys(words).filter((name) => !others.includes(name) && all(name).length > 0);
  const unknown = names.filter((name) => !filters.includes(name));
  if (unknown.length > 0)
    throw new Failure('invalid', `${pythonRepr(unknown)} is invalid attribute for filtering`);
  const found = new Map(names.map((name) => [name === 'tenant_id' ? 'project_id' : name, all(name)]));
  if (words.tenant_id !== undefined && words.project_id !== undefined)
    throw new Failure('invalid', 'Both tenant_id and project_id passed as filters.', {
      type: 'TenantIdProjectIdFilterConflict',
    });
  return found;
}

/** Each word is a list with commas (neutron/objects/tag.py). */
function tagsOf(all: All): ListQuery['tags'] {
  const list = (name: string) => {
    const tags = all(name).flatMap((text) => text.split(','));
    return tags.length === 0 ? undefined : [...new Set(tags)];
  };
  const [tags, tagsAny, notTags, notTagsAny] = TAG_FILTERS.map(list);
  return {
    ...(tags && { tags }),
    ...(tagsAny && { tagsAny }),
    ...(notTags && { notTags }),
    ...(notTagsAny && { notTagsAny }),
  };
}

function sortOf(all: All, sortKeys: readonly string[]): ListQuery['sort'] {
  const [keys, directions] = [all('sort_key'), all('sort_dir')];
  if (directions.length > 0 && keys.length !== directions.length)
    throw new Failure('invalid', 'The number of sort_keys and sort_dirs must be same');
  const unknown = keys.filter((key) => !sortKeys.includes(key));
  if (unknown.length > 0)
    throw new Failure('invalid', `${pythonRepr(unknown)} is invalid attribute for sort_keys`);
  const wrong = directions.filter((word) => word !== 'asc' && word !== 'desc');
  if (wrong.length > 0)
    throw new Failure(
      'invalid',
      `${pythonRepr(wrong)} is invalid value for sort_dirs, valid value is 'asc' and 'desc'`,
    );
  const sort = keys.map((key, at) => ({ key, direction: (directions[at] ?? 'asc') as 'asc' | 'desc' }));
  return keys.includes('id') ? sort : [...sort, { key: 'id', direction: 'asc' }];
}

/** 0 is none (neutron/api/api_common.py get_limit_and_marker). */
function limitOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw new Failure(
      'invalid',
      `Bad limit request: Limit must be an integer 0 or greater and not ${pythonRepr(text)}.`,
      { type: 'BadRequest' },
    );
  return Number(text) === 0 ? undefined : Number(text);
}
