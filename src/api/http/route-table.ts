import type { BodyKind } from './bodies.ts';
import { boundsOf, MAX_MICROVERSION, type Microversion, microversionText } from './microversion.ts';
import type { Route } from './route.ts';
import { bodyCheck, type Check, queryCheck } from './validation.ts';

/** A route with its checkers. */
export interface ServedRoute {
  readonly route: Route;
  readonly checkBody: Check | undefined;
  readonly checkQuery: Check | undefined;
}

/** All forms of one method and path, found in one step. */
export interface RouteTable {
  readonly method: Route['method'];
  readonly path: string;
  /** What all its forms take as their body. */
  readonly takes: BodyKind;
  readonly maxBody?: number | undefined;
  /** Some form of it is for everybody: a token is then not asked for before the form is known. */
  readonly open: boolean;
  /**
   * The form at a microversion; undefined when it has none there, or when the body has to name the action.
   */
  at: AtVersion;
  /** Where the body's one key names the form: by that key. */
  readonly actions?: ReadonlyMap<string, AtVersion>;
  /**
   * Access that can be checked before the body is read: of all its forms, or of all its actions where they
   * agree.
   */
  doorAt(version: Microversion): Pick<Route, 'access' | 'policy'> | undefined;
}

type AtVersion = (version: Microversion) => ServedRoute | undefined;

/**
 * Gathers routes into tables, one for a method and path.
 * @throws {Error} when two forms claim the same microversion, or only some forms of a path are actions
 */
export function tablesOf(routes: readonly Route[]): RouteTable[] {
  const gathered = Map.groupBy(routes, ({ method, path }) => `${method} ${path}`);
  return [...gathered.values()].map(tableOf);
}

function tableOf(routes: readonly Route[]): RouteTable {
  const { method, path, takes = 'json', maxBody } = routes[0]!;
  const open = routes.some(({ access }) => access === 'anybody');
  const common = { method, path, takes, maxBody, open };
  const byAction = Map.groupBy(routes, ({ action }) => action);
  if (!byAction.has(undefined)) {
    const actions = new Map([...byAction].map(([name, forms]) => [name!, formsByVersion(forms)]));
    const door = doorOfActions(routes);
    const first = Math.min(...routes.map((each) => boundsOf(each).first));
    return {
      ...common,
      at: () => undefined,
      actions,
      doorAt: (version) => (version < first ? undefined : door),
    };
  }
  if (byAction.size > 1) throw new Error(`${method} ${path} has forms that are no actions`);
  const at = formsByVersion(routes);
  return { ...common, at, doorAt: (version) => at(version)?.route };
}

/**
 * Actions that differ in who may use them let any token in: the action's own access is checked when its name
 * has been read.
 */
function doorOfActions(routes: readonly Route[]): Pick<Route, 'access' | 'policy'> {
  const { access, policy } = routes[0]!;
  const agree = routes.every((route) => route.access === access && route.policy === policy);
  return { access: agree ? access : 'token', policy };
}

function formsByVersion(routes: readonly Route[]): AtVersion {
  const byVersion: (ServedRoute | undefined)[] = new Array(MAX_MICROVERSION + 1).fill(undefined);
  for (const route of routes) {
    const { method, path, action = '' } = route;
    const served = serve(route);
    const { first, last } = boundsOf(route);
    for (let version = first; version <= last; version++) {
      if (byVersion[version] !== undefined)
        throw new Error(
          `two routes are ${`${method} ${path} ${action}`.trim()} at microversion ${microversionText(version)}`,
        );
      byVersion[version] = served;
    }
  }
  return (version) => byVersion[version];
}

function serve(route: Route): ServedRoute {
  const { body, query } = route.schemas ?? {};
  return {
    route,
    checkBody: body === undefined ? undefined : bodyCheck(body),
    checkQuery: query === undefined ? undefined : queryCheck(query),
  };
}
