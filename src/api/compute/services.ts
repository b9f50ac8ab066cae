import { Failure } from '../../model/failure.ts';
import type { ComputeHost } from '../../model/host.ts';
import { type HostName, isUuid } from '../../model/ids.ts';
import type { MigrationStatus } from '../../model/migration.ts';
import { Type } from '../../model/schema.ts';
import type { Queries } from '../../store/promise/store.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { BooleanSchema, FqdnSchema } from './field-schemas.ts';
import { stateOf } from './host-state.ts';
import {
  actedStatus,
  requireCompute,
  type ServiceAction,
  type ServiceUpdate,
  updatedStatus,
} from './service-changes.ts';
import { actedService, COMPUTE_BINARY, oneService, serviceList, serviceView } from './service-view.ts';
import { strictFrom275 } from './strict-query.ts';
import { zonedHosts } from './zoned-hosts.ts';

const POLICY = 'os_compute_api:os-services';
const closed = { additionalProperties: false } as const;
const Query = Type.Object({ host: Type.Optional(Type.String()), binary: Type.Optional(Type.String()) });
const Reason = Type.Optional(Type.String({ minLength: 1, maxLength: 255 }));
const Params = Type.Object({ service_id: Type.String() });

const action = {
  host: FqdnSchema,
  binary: Type.String({ minLength: 1, maxLength: 255 }),
  disabled_reason: Reason,
};
const ActionBody = Type.Object(action, closed);
const ForcingActionBody = Type.Object({ ...action, forced_down: Type.Optional(BooleanSchema) }, closed);
const UpdateBody = Type.Object(
  {
    status: Type.Optional(Type.Enum(['enabled', 'disabled'])),
    disabled_reason: Reason,
    forced_down: Type.Optional(BooleanSchema),
  },
  closed,
);

async function act(context: RequestContext<{ service_id: string }, unknown, ServiceAction>) {
  const { params, body, parts, version } = context;
  const known = version >= 11 ? true : params.service_id !== 'force-down';
  if (!known) throw new Failure('not-found', 'Unknown action');
  const host = await parts.store.hosts.find(body.host as HostName);
  if (host === undefined) {
    requireCompute(body.binary);
    throw new Failure('not-found', `Host '${body.host}' is not mapped to any cell`);
  }
  requireCompute(body.binary);
  const said = await parts.store.lockingTransaction(async (tx) => {
    const [status, answer] = actedStatus((await tx.hosts.find(host.name)) ?? host, params.service_id, body);
    await tx.hosts.setStatus(host.name, status);
    return answer;
  });
  parts.caches.hostFacts.forget();
  return { service: said };
}

async function update(context: RequestContext<{ service_id: string }, unknown, ServiceUpdate>) {
  const { params, body, parts, version } = context;
  const host = await serviceOf(context, params.service_id);
  const set = await parts.store.lockingTransaction(async (tx) =>
    tx.hosts.setStatus(host.name, updatedStatus((await tx.hosts.find(host.name)) ?? host, body)),
  );
  const changed = { ...set, zone: host.zone };
  parts.caches.hostFacts.forget();
  return { service: serviceView(changed, stateOf(changed, parts), version) };
}

async function serviceOf(
  { parts, version }: RequestContext,
  id: string,
  store: Queries = parts.store,
): Promise<ComputeHost> {
  if (version >= 53 && !isUuid(id.toLowerCase())) throw new Failure('invalid', `Invalid uuid ${id}`);
  if (version < 53 && !/^\d+$/.test(id)) throw new Failure('invalid', 'id must be an integer');
  const found = (await zonedHosts(store)).find((host) =>
    version >= 53 ? host.serviceId === id.toLowerCase() : String(host.number) === id,
  );
  if (found === undefined) throw new Failure('not-found', `Service ${id} could not be found.`);
  return found;
}

/** Statuses of migrations in progress. `finished` is not among them: it waits for a confirmation. */
const UNDER_WAY: readonly MigrationStatus[] = [
  ...([
    'accepted',
    'queued',
    'preparing',
    'pre-migrating',
    'migrating',
    'running',
    'post-migrating',
  ] as const),
  ...(['finished', 'confirming', 'reverting'] as const),
];

/**
 * Removes a host, unless a server or a migration needs it. If its agent reports again, the host is
 * registered again (nova/api/openstack/compute/services.py delete).
 * @throws {Failure} `conflict` for a host with servers or migrations
 */
async function remove(context: RequestContext<{ service_id: string }>): Promise<void> {
  const { parts, params } = context;
  await parts.store.transaction(async (tx) => {
    const { name: host } = await serviceOf(context, params.service_id, tx);
    if ((await tx.servers.listVersions({ host }, { limit: 1 })).length > 0)
      throw new Failure(
        'conflict',
        'Unable to delete compute service that is hosting instances. Migrate or delete the instances first.',
      );
    if ((await tx.migrations.list({ host, statuses: UNDER_WAY }, { limit: 1 })).length > 0)
      throw new Failure(
        'conflict',
        'Unable to delete compute service that has in-progress migrations. Complete the migrations or delete the instances first.',
      );
    for (const aggregate of await tx.aggregates.ofHost(host))
      await tx.aggregates.update(aggregate, {
        hosts: aggregate.hosts.filter((name) => name !== host),
        updatedAt: parts.now(),
      });
    await tx.hosts.remove(host);
  });
  parts.caches.hostFacts.forget();
}

const put = {
  method: 'PUT',
  path: '/os-services/:service_id',
  access: 'admin',
  policy: `${POLICY}:update`,
  status: 200,
} as const;
const old = {
  ...put,
  summary: 'Enable, disable or force down a compute service, by host',
  response: actedService,
} as const;

/** https://docs.openstack.org/api-ref/compute/#compute-services-os-services */
export const serviceRoutes: Route[] = [
  ...strictFrom275(
    route({
      method: 'GET',
      path: '/os-services',
      access: 'admin',
      policy: `${POLICY}:list`,
      summary: 'List compute services',
      schemas: { query: Query },
      status: 200,
      response: serviceList,
      handle: async ({ parts, query, version }) => {
        const asked = (await zonedHosts(parts.store)).filter(
          (host) =>
            (!query.host || host.name === query.host) && (!query.binary || query.binary === COMPUTE_BINARY),
        );
        return { services: asked.map((host) => serviceView(host, stateOf(host, parts), version)) };
      },
    }),
  ),
  route({ ...old, until: '2.10', schemas: { params: Params, body: ActionBody }, handle: act }),
  route({
    ...old,
    since: '2.11',
    until: '2.52',
    schemas: { params: Params, body: ForcingActionBody },
    handle: act,
  }),
  route({
    ...put,
    since: '2.53',
    summary: 'Enable, disable or force down a compute service',
    response: oneService,
    schemas: { params: Params, body: UpdateBody },
    handle: update,
  }),
  route({
    method: 'DELETE',
    path: '/os-services/:service_id',
    access: 'admin',
    policy: `${POLICY}:delete`,
    summary: 'Forget a compute service whose host has no servers',
    schemas: { params: Params },
    status: 204,
    handle: remove,
  }),
];
