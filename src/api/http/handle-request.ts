import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../../model/failure.ts';
import type { Caller } from '../../model/identity.ts';
import { callerOf, requireAccess, requireOwnProject } from './access.ts';
import { liftBodyTime, requireBodyKind } from './bodies.ts';
import { chooseForm, existing } from './choose-form.ts';
import type { ApiDependencies } from './dependencies.ts';
import { MIN_MICROVERSION } from './microversion.ts';
import { PreparedJson } from './prepared-json.ts';
import { requireBoundedQuery } from './query-bounds.ts';
import { baseOf, nameRequest, negotiateVersion, requestIdOf, requestUrlOf } from './request-state.ts';
import type { RequestContext } from './route.ts';
import type { Service } from './service.ts';

const JSON_TYPE = 'application/json';

/**
 * Runs before the body is read: sets the request id, authenticates the caller, negotiates the microversion,
 * and refuses callers who may not use the route.
 */
export async function receive(
  at: { readonly service: Service; readonly parts: ApiDependencies },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { service, parts } = at;
  const table = request.routeOptions.config.table;
  nameRequest(service, request, reply);
  if (requestUrlOf(request).malformed)
    throw new Failure(
      'invalid',
      'Malformed request URL: it must be UTF-8, without the character U+0000 in its query.',
    );
  const requestState = { caller: null as Caller | null, version: MIN_MICROVERSION };
  request.requestState = requestState;
  const needsToken = table === undefined ? service.tokenBeforePath : !table.open;
  if (needsToken) requestState.caller = await callerOf(request, parts);
  if (service.hasMicroversions) requestState.version = negotiateVersion(request, reply);
  if (request.is404) throw new Failure('not-found', 'The resource could not be found.');
  if (table === undefined) return;
  const door = table.doorAt(requestState.version) ?? existing(undefined).route;
  if (door.access !== 'anybody') {
    requestState.caller ??= await callerOf(request, parts);
    requireAccess(door, requestState.caller, service.name);
    if (service.name === 'compute') requireOwnProject(request, requestState.caller);
  }
  requireBodyKind(request, table.bodyKind);
  if (table.bodyKind === 'image data') liftBodyTime(request);
}

/** Runs the route's handler and sends its result. */
export async function handleRequest(
  at: { readonly service: Service; readonly parts: ApiDependencies },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { requestState } = request;
  const { parts, service } = at;
  const table = request.routeOptions.config.table!;
  requireBoundedQuery(request.query);
  if (request.url.includes('%00')) throw namesNothing(table.method);
  const { version, caller } = requestState;
  const form = chooseForm(table, { version, body: request.body, caller, service: service.name });
  const { checkBody, checkQuery, route } = form;
  const context: RequestContext = {
    params: request.params,
    query: checkQuery === undefined ? request.query : checkQuery(request.query),
    body:
      checkBody === undefined
        ? request.body
        : checkBody(request.body, { dropUnknown: requestUrlOf(request).legacy }),
    caller: caller as Caller,
    version,
    requestId: requestIdOf(request),
    base: baseOf(request, parts),
    parts,
    request,
    reply,
  };
  reply.code(route.status);
  return send(reply, await route.handle(context as Parameters<typeof route.handle>[0]));
}

function send(reply: FastifyReply, value: unknown): FastifyReply {
  if (reply.sent) return reply;
  if (value instanceof Readable || Buffer.isBuffer(value)) return reply.send(value);
  if (reply.statusCode === 204) return reply.send();
  if (!reply.hasHeader('content-type')) reply.header('content-type', JSON_TYPE);
  if (value instanceof PreparedJson) return reply.send(value.text);
  return reply.send(value === undefined ? '' : JSON.stringify(value));
}

/**
 * The refusal of U+0000 in a path. Databases cannot store the character, so no resource can have it in its
 * name.
 */
function namesNothing(method: string): Failure {
  if (method === 'PUT') return new Failure('invalid', 'A name in the URL has the character U+0000.');
  return new Failure('not-found', 'The resource could not be found.');
}
