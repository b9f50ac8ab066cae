import { Failure } from '../../../model/failure.ts';
import type { Page } from '../../../store/promise/page.ts';
import type { ServerVersion } from '../../../store/promise/servers.ts';
import type { Microversion } from '../../http/microversion.ts';
import { PreparedJson } from '../../http/prepared-json.ts';
import { type RequestContext, type Route, route } from '../../http/route.ts';
import { nextLinks } from '../links.ts';
import { requestedPage } from '../paging.ts';
import { cachedPage } from './cached-page.ts';
import { listFilter } from './list-filter.ts';
import { type ListQuery, listQuery } from './list-schemas.ts';
import { renderMany, type ServerForm } from './render-servers.ts';
import { briefServers, wholeServers } from './server-shapes.ts';

/** Microversions that change the query of a list. */
const STEPS: readonly Microversion[] = [1, 26, 66, 73, 75];

/** `GET /servers` and `GET /servers/detail` (https://docs.openstack.org/api-ref/compute/#list-servers). */
export const listRoutes: readonly Route[] = STEPS.flatMap((since, index) => {
  const next = STEPS[index + 1];
  const range = {
    since: `2.${since}` as const,
    ...(next !== undefined && { until: `2.${next - 1}` as const }),
    schemas: { query: listQuery(since) },
    method: 'GET',
    access: 'reader',
    status: 200,
  } as const;
  return [
    route({
      ...range,
      path: '/servers',
      response: briefServers,
      policy: 'os_compute_api:servers:index',
      summary: 'List servers, briefly',
      handle: (context) =>
        list(context as RequestContext, {
          form: 'brief',
          path: 'servers',
          rule: 'os_compute_api:servers:index',
        }),
    }),
    route({
      ...range,
      path: '/servers/detail',
      response: wholeServers,
      policy: 'os_compute_api:servers:detail',
      summary: 'List servers in detail',
      handle: (context) =>
        list(context as RequestContext, {
          form: 'list',
          path: 'servers/detail',
          rule: 'os_compute_api:servers:detail',
        }),
    }),
  ];
});

async function list(context: RequestContext, of: ListForm): Promise<PreparedJson> {
  return new PreparedJson(await cachedPage(context, () => page(context, of)));
}

interface ListForm {
  readonly form: ServerForm;
  readonly path: string;
  readonly rule: string;
}

async function page(context: RequestContext, { form, path, rule }: ListForm): Promise<string> {
  const query = context.query as ListQuery;
  const filter = listFilter(context, query, rule);
  const page = pageWanted(context, query);
  // `limit=0` gives an empty page of servers. For other resources it means no limit (nova db/main/api.py
  // instance_get_all_by_filters_sort).
  const none = filter === 'nothing' || Number(query.limit?.at(-1) || '1') === 0;
  const versions: ServerVersion[] = none ? [] : await context.parts.store.servers.listVersions(filter, page);
  const servers = await renderMany(context, versions, form);
  const next = nextLinks(
    { base: context.base, path, query },
    { limit: page.limit, count: versions.length, lastId: versions.at(-1)?.id },
  );
  const links = next === undefined ? '' : `,"servers_links":${JSON.stringify(next)}`;
  return `{"servers":[${servers}]${links}}`;
}

/**
 * Sort keys that would reveal where servers are (nova/api/openstack/compute/servers.py
 * remove_invalid_sort_keys).
 */
const ADMIN_KEYS = ['host', 'node'];

/** @throws {Failure} `invalid` for more directions than keys, `forbidden` for a key of administrators */
function pageWanted({ parts, caller }: RequestContext, query: ListQuery): Page {
  const page = requestedPage(
    { limit: query.limit?.at(-1), marker: query.marker?.at(-1) },
    parts.config.api.max_limit,
  );
  const { sort_key: keys = [], sort_dir: directions = [] } = query;
  const forAdministrators = caller.isAdmin ? undefined : keys.find((key) => ADMIN_KEYS.includes(key));
  if (forAdministrators !== undefined)
    throw new Failure('forbidden', `Only administrators can sort servers by ${forAdministrators}`);
  if (directions.length > keys.length && keys.length > 0)
    throw new Failure('invalid', 'Sort direction array size exceeds sort key array size.');
  const direction = (index: number) =>
    (directions[index] === 'asc'
      ? 'asc'
      : directions[index] === undefined
        ? (directions.at(-1) ?? 'desc')
        : 'desc') as 'asc' | 'desc';
  const sort = (keys.length === 0 && directions.length > 0 ? ['created_at'] : keys).map((key, index) => ({
    key,
    direction: direction(index),
  }));
  return { ...page, refuseDeletedMarker: true, ...(sort.length > 0 && { sort }) };
}
