import { type Route, route } from '../http/route.ts';
import { listOf, object, type Shape } from '../http/shape.ts';
import { ListWords, parseListQuery } from './list-query.ts';
import { matches } from './matches.ts';
import { type Reading, reading, type View } from './resource.ts';
import { shown } from './resource-page.ts';
import { partly } from './resource-routes.ts';

/** A list of a few things that nobody makes by a request. */
export interface FixedList {
  readonly collection: string;
  readonly path: string;
  readonly access: 'reader' | 'admin';
  readonly policy: string;
  readonly summary: string;
  readonly shape: Shape;
  readonly filters: readonly string[];
  views(at: Reading): Promise<readonly View[]>;
}

/** Its route: filters and `fields` as in any list. There are no pages. */
export function fixedListRoute(of: FixedList): Route {
  const { collection, path, access, policy, summary } = of;
  return route({
    method: 'GET',
    path: `/v2.0${path}`,
    access,
    policy,
    summary,
    schemas: { query: ListWords },
    status: 200,
    response: object({ [collection]: listOf(partly(of.shape)) }),
    handle: async (context) => {
      const abilities = { filters: of.filters, sortKeys: ['id', 'name', ...of.filters], hasTags: true };
      const { filters, fields } = parseListQuery(context.query, abilities);
      const views = await of.views(reading(context));
      return {
        [collection]: views.filter((view) => matches(view, filters)).map((view) => shown(view, fields)),
      };
    },
  });
}
