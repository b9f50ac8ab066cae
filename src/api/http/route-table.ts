import type { BodyKind } from './bodies.ts';
import { MAX_MICROVERSION, MIN_MICROVERSION, type Microversion } from './microversion.ts';
import type { Route } from './route.ts';
import { bodyCheck, type Check, queryCheck } from './validation.ts';

/** A route with its checkers. */
export interface ServedRoute {
  readonly route: Route;
  readonly checkBody: Check | undefined;
  readonly checkQuery: Check | undefined;
}

/** All forms of one method and path, found by microversion in one step. */
export interface RouteTable {
  readonly method: Route['method'];
  readonly path: string;
  /** What all its forms take as their body. */
  readonly takes: BodyKind;
  readonly maxBody?: number | undefined;
  /** Some form of it is for everybody: a token is then not asked for before the form is known. */
  readonly open: boolean;
  /** The form at a microversion, or undefined when it has none there. */
  at(version: Microversion): ServedRoute | undefined;
}

/**
 * Gathers routes into tables, one for a method and path.
 * @throws {Error} when two forms claim the same microversion
 */
export function tablesOf(routes: readonly Route[]): RouteTable[] {
  const gathered = Map.groupBy(routes, ({ method, path }) => `${method} ${path}`);
  return [...gathered.values()].map(tableOf);
}

function tableOf(routes: readonly Route[]): RouteTable {
  const byVersion: (ServedRoute | undefined)[] = new Array(MAX_MICROVERSION + 1).fill(undefined);
  const { method, path } = routes[0]!;
  for (const route of routes) {
    const served = serve(route);
    const last = minorOf(route.until) ?? MAX_MICROVERSION;
    for (let version = minorOf(route.since) ?? MIN_MICROVERSION; version <= last; version++) {
      if (byVersion[version] !== undefined)
        throw new Error(`two routes are ${method} ${path} at microversion 2.${version}`);
      byVersion[version] = served;
    }
  }
  const open = routes.some(({ access }) => access === 'anybody');
  const { takes = 'json', maxBody } = routes[0]!;
  return { method, path, takes, maxBody, open, at: (version) => byVersion[version] };
}

function serve(route: Route): ServedRoute {
  const { body, query } = route.schemas ?? {};
  return {
    route,
    checkBody: body === undefined ? undefined : bodyCheck(body),
    checkQuery: query === undefined ? undefined : queryCheck(query),
  };
}

function minorOf(version: `2.${number}` | undefined): number | undefined {
  return version === undefined ? undefined : Number(version.slice(2));
}
