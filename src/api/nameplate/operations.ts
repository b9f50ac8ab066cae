import type { Static } from 'typebox';
import { Failure } from '../../model/failure.ts';
import type { OperationId, ServerId } from '../../model/ids.ts';
import { POINT_IN_TIME, parsePointInTime } from '../../model/point-in-time.ts';
import { Type } from '../../model/schema.ts';
import { LimitSchema } from '../compute/field-schemas.ts';
import { nextLinks } from '../compute/links.ts';
import { requestedPage } from '../compute/paging.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { operationDetail, operationListShown, operationShown, operationView } from './operation-view.ts';

const Query = Type.Object(
  {
    server: Type.Optional(Type.String()),
    state: Type.Optional(Type.Enum(['running', 'unwinding', 'done', 'undone'])),
    kind: Type.Optional(Type.String()),
    since: Type.Optional(Type.String()),
    limit: Type.Optional(LimitSchema),
    marker: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
const Params = Type.Object({ id: Type.String() });
/** Characters of a value that an error text repeats. */
const MAX_SHOWN = 64;

async function list({ parts, query, base }: RequestContext<unknown, Static<typeof Query>>): Promise<object> {
  const { server, state, kind, since, ...page } = query;
  const filter = {
    ...(server !== undefined && { server: server.toLowerCase() as ServerId }),
    ...(state !== undefined && { state }),
    ...(kind !== undefined && { kind }),
    ...(since !== undefined && { since: timeOf(since) }),
  };
  const { limit, ...from } = requestedPage(page, parts.config.api.max_limit);
  const found = await parts.store.operations.list(filter, { limit, ...from });
  const links = nextLinks(
    { base, path: 'v1/operations', query },
    { limit, count: found.length, lastId: found.at(-1)?.id },
  );
  return { operations: found.map(operationView), ...(links && { operations_links: links }) };
}

function timeOf(since: string): number {
  const at = parsePointInTime(since);
  if (at !== undefined) return at;
  throw new Failure(
    'invalid',
    `since: '${since.slice(0, MAX_SHOWN)}' is no time; accepted is ${POINT_IN_TIME}.`,
  );
}

async function show({ parts, params }: RequestContext<Static<typeof Params>>): Promise<object> {
  const { operations } = parts.store;
  const operation = await operations.find(params.id as OperationId);
  if (operation === undefined)
    throw new Failure('not-found', `Operation ${params.id.slice(0, MAX_SHOWN)} could not be found.`);
  return { operation: operationDetail(operation, await operations.logOf(operation.id)) };
}

/** The log of operations, for administrators: `docs/operations.md`. */
export const operationRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/operations',
    access: 'admin',
    policy: 'nameplate:operations:index',
    summary: 'List operations, newest first; by `server`, `state`, `kind` and `since` (last changed)',
    schemas: { query: Query },
    status: 200,
    response: operationListShown,
    handle: list,
  }),
  route({
    method: 'GET',
    path: '/operations/:id',
    access: 'admin',
    policy: 'nameplate:operations:show',
    summary: 'Show an operation: its steps with times, tries and failures, and what was undone',
    schemas: { params: Params },
    status: 200,
    response: operationShown,
    handle: show,
  }),
];
