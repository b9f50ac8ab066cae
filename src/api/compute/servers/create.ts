import type { Server } from '../../../model/server.ts';
import { type RequestContext, type Route, route } from '../../http/route.ts';
import { parseBoolean } from '../field-schemas.ts';
import { linksOf } from '../links.ts';
import { CREATE_STEPS, type CreateBody, createBody } from './create-schemas.ts';
import { requesterOf } from './found-server.ts';
import { generatedPassword } from './generated-password.ts';
import { notFoundAsInvalid, serverRequest } from './server-request.ts';
import { createdServer } from './server-shapes.ts';

type ServerBody = CreateBody['server'];

/** `POST /servers` (https://docs.openstack.org/api-ref/compute/#create-server). */
export const createRoutes: readonly Route[] = CREATE_STEPS.map((since, index) => {
  const next = CREATE_STEPS[index + 1];
  return route({
    method: 'POST',
    path: '/servers',
    since: `2.${since}`,
    ...(next !== undefined && { until: `2.${next - 1}` as const }),
    access: 'member',
    policy: 'os_compute_api:servers:create',
    summary: 'Create one server or several',
    schemas: { body: createBody(since) },
    status: 202,
    response: createdServer,
    handle: (context) => create(context as RequestContext, context.body as unknown as CreateBody),
  });
});

async function create(context: RequestContext, body: CreateBody): Promise<unknown> {
  const wish = body.server;
  const servers = await notFoundAsInvalid(async () =>
    context.parts.operations.createServers(await serverRequest(context, body), requesterOf(context)),
  );
  const [first] = servers as [Server, ...Server[]];
  if (wish.return_reservation_id !== undefined && parseBoolean(wish.return_reservation_id))
    return { reservation_id: first.reservationId };
  const [self] = linksOf(context.base, 'servers', first.id);
  context.reply.header('location', self?.href);
  return {
    server: {
      id: first.id,
      links: linksOf(context.base, 'servers', first.id),
      'OS-DCF:diskConfig': first.diskConfig,
      security_groups: securityGroups(wish),
      adminPass: wish.adminPass ?? generatedPassword(),
    },
  };
}

function securityGroups({ security_groups: groups = [] }: ServerBody): { name: string }[] {
  return groups.length === 0
    ? [{ name: 'default' }]
    : groups.map(({ name }) => ({ name: name ?? 'default' }));
}
