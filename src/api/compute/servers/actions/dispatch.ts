import { Type } from 'typebox';
import { Failure } from '../../../../model/failure.ts';
import { requireAccess } from '../../../http/access.ts';
import { MAX_MICROVERSION, MIN_MICROVERSION, type Microversion } from '../../../http/microversion.ts';
import { type Ask, type Route, route } from '../../../http/route.ts';
import { bodyCheck, type Check } from '../../../http/validation.ts';
import { reachOfRequest } from '../../../http/visit.ts';
import { foundServer } from '../found-server.ts';
import { ServerParams } from '../words.ts';
import type { ServerAction } from './action.ts';
import { serverActions } from './table.ts';

interface Form {
  readonly action: ServerAction;
  readonly check: Check;
}

const forms: ReadonlyMap<string, readonly Form[]> = Map.groupBy(
  serverActions.map((action) => ({ action, check: checkOf(action) })),
  ({ action }) => action.key,
);

/** `POST /servers/{id}/action`: the body's one key says what is to be done. */
export const actionRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/servers/:server_id/action',
    access: 'token',
    policy: 'os_compute_api:servers',
    summary: 'Do something to a server; see the table of actions',
    schemas: { params: ServerParams },
    status: 202,
    handle: (ask) => dispatch(ask, ask.params.server_id),
  }),
];

/**
 * @throws {Failure} `invalid` for a body that has not one known key; `not-found` where the action has no form at the version;
 *   `forbidden`; what the action refuses
 */
async function dispatch(ask: Ask, id: string): Promise<unknown> {
  const { action, check } = formOf(ask.body, ask.version);
  requireAccess(action, ask.caller, 'compute');
  const body = check(ask.body, { dropUnknown: reachOfRequest(ask.request).legacy });
  const server = await foundServer(ask, id);
  ask.reply.code(action.status ?? 202);
  return action.handle({ ask, server, wish: (body as Record<string, unknown>)[action.key] });
}

function formOf(body: unknown, version: Microversion): Form {
  const keys = body !== null && typeof body === 'object' && !Array.isArray(body) ? Object.keys(body) : [];
  const [key] = keys;
  if (key === undefined || keys.length > 1) throw new Failure('invalid', 'Malformed request body');
  const known = forms.get(key);
  if (known === undefined) throw new Failure('invalid', `There is no such action: ${key.slice(0, 255)}`);
  const form = known.find(({ action }) => within(action, version));
  if (form === undefined) throw new Failure('not-found', 'The resource could not be found.');
  return form;
}

function within({ since, until }: ServerAction, version: Microversion): boolean {
  return (
    version >= (since === undefined ? MIN_MICROVERSION : Number(since.slice(2))) &&
    version <= (until === undefined ? MAX_MICROVERSION : Number(until.slice(2)))
  );
}

function checkOf({ key, schema }: ServerAction): Check {
  return bodyCheck(Type.Object({ [key]: schema ?? Type.Unknown() }, { additionalProperties: false }));
}
