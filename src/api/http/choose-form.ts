import { Failure } from '../../model/failure.ts';
import type { Caller } from '../../model/identity.ts';
import { requireAccess } from './access.ts';
import type { Microversion } from './microversion.ts';
import type { ServiceName } from './rewritten-url.ts';
import type { RouteTable, ServedRoute } from './route-table.ts';

/** Characters of an unknown action's name that the error text repeats. */
const MAX_SHOWN = 255;

/**
 * Chooses the form of a route: by microversion, and for server actions by the only key of the body. A path's
 * access is checked before the body is read; an action's own access can only be checked here.
 * @throws {Failure} `not-found` if the path or the action has no form at the version; `invalid` for a body
 *   without exactly one known key; `forbidden`
 */
export function chooseForm(
  table: RouteTable,
  request: {
    readonly version: Microversion;
    readonly body: unknown;
    readonly caller: Caller | null;
    readonly service: ServiceName;
  },
): ServedRoute {
  const { actions } = table;
  const { version, body, caller, service } = request;
  if (actions === undefined) return existing(table.at(version));
  const key = actionNamed(body);
  const known = actions.get(key);
  if (known === undefined)
    throw new Failure('invalid', `There is no such action: ${key.slice(0, MAX_SHOWN)}`);
  const form = existing(known(version));
  requireAccess(form.route, caller as Caller, service);
  return form;
}

/** @throws {Failure} `not-found` if the form is undefined */
export function existing(form: ServedRoute | undefined): ServedRoute {
  if (form === undefined) throw new Failure('not-found', 'The resource could not be found.');
  return form;
}

function actionNamed(body: unknown): string {
  const keys = body !== null && typeof body === 'object' && !Array.isArray(body) ? Object.keys(body) : [];
  const [key] = keys;
  if (key === undefined || keys.length > 1) throw new Failure('invalid', 'Malformed request body');
  return key;
}
