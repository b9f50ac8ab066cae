import { Failure } from '../../model/failure.ts';
import type { Caller } from '../../model/identity.ts';
import { requireAccess } from './access.ts';
import type { Microversion } from './microversion.ts';
import type { ServiceName } from './rewritten-url.ts';
import type { RouteTable, ServedRoute } from './route-table.ts';

/** Characters of an unknown action's name that its refusal repeats. */
const MAX_NAMED = 255;

/**
 * The form that a request means: found by microversion, and where a path takes actions, by the one key of the
 * body. A path's access is checked before its body is read; an action's can be checked only here.
 * @throws {Failure} `not-found` where the path or the action has no form at the version; `invalid` for a body
 * that has not one known key; `forbidden`
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
    throw new Failure('invalid', `There is no such action: ${key.slice(0, MAX_NAMED)}`);
  const form = existing(known(version));
  requireAccess(form.route, caller as Caller, service);
  return form;
}

/** @throws {Failure} `not-found` without a form */
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
