import type { CountedCache } from '../../model/cache-counts.ts';
import { type Route, route } from '../http/route.ts';
import { integer, integerOrNull, listOf, object, text } from '../http/shape.ts';

const cacheView = (cache: CountedCache) => ({ name: cache.name, ...cache.counts() });

/** What the caches of the replica that answers hold, and how often they were of use. */
export const cachesRoute: Route = route({
  method: 'GET',
  path: '/caches',
  access: 'admin',
  policy: 'nameplate:caches:index',
  summary: 'Count what the caches of this replica hold, their hits and misses since it started',
  status: 200,
  response: object({
    caches: listOf(
      object({ name: text, entries: integer, bytes: integerOrNull, hits: integer, misses: integer }, 'Cache'),
    ),
  }),
  handle: async ({ parts }) => ({ caches: parts.caches.counted.map(cacheView) }),
});
