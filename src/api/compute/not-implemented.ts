import { notImplemented } from '../http/failures.ts';
import { type Route, route } from '../http/route.ts';

/** Declares a route of the API reference that answers 501. The coverage page lists it so. */
export function notBuilt(spec: {
  readonly method: Route['method'];
  readonly path: string;
  readonly access: Route['access'];
  readonly policy: string;
  /** The function as the subject of a sentence: `Creating server groups`. */
  readonly what: string;
  readonly until?: NonNullable<Route['until']>;
  readonly since?: NonNullable<Route['since']>;
}): Route {
  const { what, ...rest } = spec;
  return route({
    ...rest,
    summary: `${what}: not implemented`,
    status: 501,
    handle: async () => {
      throw notImplemented(what);
    },
  });
}
