import { Failure } from '../../../model/failure.ts';
import type { RequestId } from '../../../model/ids.ts';
import { Type } from '../../../model/schema.ts';
import { type RequestContext, type Route, route } from '../../http/route.ts';
import { LimitSchema } from '../field-schemas.ts';
import { nextLinks } from '../links.ts';
import { requestedPage } from '../paging.ts';
import { requestedTime } from '../times.ts';
import { ServerParams } from './field-schemas.ts';
import { foundServer, foundServerEvenDeleted } from './found-server.ts';
import { actionLine, instanceActionList, oneInstanceAction, wholeAction } from './instance-action-view.ts';

const ActionParams = Type.Object({ server_id: Type.String(), request_id: Type.String() });
const text = Type.Optional(Type.String());
const date = Type.Optional(Type.String({ format: 'date-time' }));
const paged = { limit: Type.Optional(LimitSchema), marker: text, 'changes-since': date };
const strict = { additionalProperties: false, patternProperties: { '^_': {} } } as const;

/** The query of a list of actions, from 2.58. */
interface Words {
  readonly limit?: string;
  readonly marker?: string;
  readonly 'changes-since'?: string;
  readonly 'changes-before'?: string;
}

const index = {
  method: 'GET',
  path: '/servers/:server_id/os-instance-actions',
  response: instanceActionList,
  access: 'reader',
  policy: 'os_compute_api:os-instance-actions:list',
  summary: 'List what was done to a server',
  status: 200,
} as const;

/**
 * Instance actions of a server
 * (https://docs.openstack.org/api-ref/compute/#servers-actions-servers-os-instance-actions).
 */
export const instanceActionRoutes: readonly Route[] = [
  route({
    ...index,
    until: '2.57',
    schemas: { params: ServerParams },
    handle: (context) => list(context, context.params.server_id, {}),
  }),
  route({
    ...index,
    since: '2.58',
    until: '2.65',
    schemas: { params: ServerParams, query: Type.Object(paged, strict) },
    handle: (context) => list(context, context.params.server_id, context.query as Words),
  }),
  route({
    ...index,
    since: '2.66',
    schemas: { params: ServerParams, query: Type.Object({ ...paged, 'changes-before': date }, strict) },
    handle: (context) => list(context, context.params.server_id, context.query as Words),
  }),
  route({
    method: 'GET',
    path: '/servers/:server_id/os-instance-actions/:request_id',
    access: 'reader',
    policy: 'os_compute_api:os-instance-actions:show',
    summary: 'Show one thing that was done to a server, with its events',
    schemas: { params: ActionParams },
    status: 200,
    response: oneInstanceAction,
    async handle(context) {
      const { server_id, request_id } = context.params;
      const server = await found(context, server_id);
      const action = await context.parts.store.actions.find(server.id, request_id as RequestId);
      if (action === undefined) throw new Failure('not-found', `Action ${request_id} not found`);
      return { instanceAction: wholeAction(action, { ...context, isAdmin: context.caller.isAdmin }) };
    },
  }),
];

async function list(context: RequestContext, id: string, query: Words): Promise<unknown> {
  const server = await found(context, id);
  const page = requestedPage(query, context.parts.config.api.max_limit);
  const actions = await context.parts.store.actions.list(server.id, {
    ...page,
    ...(query['changes-since'] && { changedSince: requestedTime(query['changes-since']) }),
    ...(query['changes-before'] && { changedBefore: requestedTime(query['changes-before']) }),
  });
  const lines = actions.map((action) => actionLine(action, context.version));
  if (context.version < 58) return { instanceActions: lines };
  const links = nextLinks(
    { base: context.base, path: `servers/${server.id}/os-instance-actions`, query: { ...query } },
    { limit: page.limit, count: actions.length, lastId: actions.at(-1)?.requestId },
  );
  return { instanceActions: lines, ...(links && { links }) };
}

/** From 2.21 also for deleted servers. */
function found(context: RequestContext, id: string) {
  return context.version < 21 ? foundServer(context, id) : foundServerEvenDeleted(context, id);
}
