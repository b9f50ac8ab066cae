import type { ProjectId } from '../../model/ids.ts';
import type { CommonFilter } from '../../store/promise/networks.ts';
import type { ListQuery } from './list-query.ts';

/** What every noun's list can be narrowed by in the store. */
export function commonFilter<Id extends string>(
  { filters, tags }: ListQuery,
  visibleTo: ProjectId | undefined,
): CommonFilter<Id> {
  const [ids, names, projects] = ['id', 'name', 'project_id'].map((name) => filters.get(name));
  return {
    ...tags,
    ...(visibleTo !== undefined && { visibleTo }),
    ...(ids && { ids: ids as readonly Id[] }),
    ...(names && { names }),
    ...(projects && { projectIds: projects as readonly ProjectId[] }),
  };
}

/** Filters of flags, where the query has one value that says which. */
export function flagFilter<const Key extends string>(
  { filters }: ListQuery,
  names: Readonly<Record<Key, string>>,
): { [K in Key]?: boolean } {
  const found: { [K in Key]?: boolean } = {};
  for (const key of Object.keys(names) as Key[]) {
    const values = filters.get(names[key]);
    const word = values?.length === 1 ? values[0]?.toLowerCase() : undefined;
    if (word === 'true' || word === 'false') found[key] = word === 'true';
  }
  return found;
}

/** The values of a filter, under the store's name for it. */
export function among<const Key extends string, Value extends string>(
  { filters }: ListQuery,
  key: Key,
  name: string,
): { [K in Key]?: readonly Value[] } {
  const values = filters.get(name) as readonly Value[] | undefined;
  return (values === undefined ? {} : { [key]: values }) as { [K in Key]?: readonly Value[] };
}
