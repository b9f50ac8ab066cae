import type { BodyKind } from './bodies.ts';
import { boundsOf, MAX_MICROVERSION, type Microversion, microversionText } from './microversion.ts';
import type { Route } from './route.ts';
import type { DescribeError } from './schema-error-text.ts';
import { bodyCheck, type Check, queryCheck } from './validation.ts';

/** A route with its compiled validators. */
export interface ServedRoute {
  readonly route: Route;
  readonly checkBody: Check | undefined;
  readonly checkQuery: Check | undefined;
}

/** All forms of one method and path. */
export interface RouteTable {
  readonly method: Route['method'];
  readonly path: string;
  /** The kind of body that all forms accept. */
  readonly bodyKind: BodyKind;
  readonly maxBody?: number | undefined;
  /** Some form needs no token, so no token is required before the form is known. */
  readonly open: boolean;
  /** The form at a microversion. Undefined if there is none, or if the body must name the action. */
  at: AtVersion;
  /** Actions by the body's only key, for a path that takes actions. */
  readonly actions?: ReadonlyMap<string, AtVersion>;
  /**
   * The access that can be checked before the body is read: that of the form, or of all actions if they
   * agree.
   */
  doorAt(version: Microversion): Pick<Route, 'access' | 'policy'> | undefined;
}

type AtVersion = (version: Microversion) => ServedRoute | undefined;

/**
 * Groups routes into tables, one for each method and path.
 * @param describe the service's words for a refused input
 * @throws {Error} if two forms claim the same microversion, or only some forms of a path are actions
 */
export function tablesOf(routes: readonly Route[], describe?: DescribeError): RouteTable[] {
  const groups = Map.groupBy(routes, ({ method, path }) => `${method} ${path}`);
  return [...groups.values()].map((forms) => tableOf(forms, describe));
}

function tableOf(routes: readonly Route[], describe: DescribeError | undefined): RouteTable {
  const { method, path, bodyKind = 'json', maxBody } = routes[0]!;
  const open = routes.some(({ access }) => access === 'anybody');
  const common = { method, path, bodyKind, maxBody, open };
  const byAction = Map.groupBy(routes, ({ action }) => action);
  if (!byAction.has(undefined)) {
    const actions = new Map([...byAction].map(([name, forms]) => [name!, formsByVersion(forms, describe)]));
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
  const at = formsByVersion(routes, describe);
  return { ...common, at, doorAt: (version) => at(version)?.route };
}

/**
 * If actions differ in their access, any token passes here. `chooseForm` checks the action's own access
 * after the body has been read.
 */
function doorOfActions(routes: readonly Route[]): Pick<Route, 'access' | 'policy'> {
  const { access, policy } = routes[0]!;
  const agree = routes.every((route) => route.access === access && route.policy === policy);
  return { access: agree ? access : 'token', policy };
}

function formsByVersion(routes: readonly Route[], describe: DescribeError | undefined): AtVersion {
  const byVersion: (ServedRoute | undefined)[] = new Array(MAX_MICROVERSION + 1).fill(undefined);
  for (const route of routes) {
    const { method, path, action = '' } = route;
    const served = serve(route, describe);
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

function serve(route: Route, describe: DescribeError | undefined): ServedRoute {
  const { body, query } = route.schemas ?? {};
  return {
    route,
    checkBody: body === undefined ? undefined : bodyCheck(body, describe),
    checkQuery: query === undefined ? undefined : queryCheck(query, describe),
  };
}
