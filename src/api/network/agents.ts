import { Failure } from '../../model/failure.ts';
import type { ComputeHost } from '../../model/host.ts';
import { isDown } from '../../model/host-down.ts';
import { inTheirZones } from '../../model/zone.ts';
import { type Route, route } from '../http/route.ts';
import { anything, flag, mapOf, object, text, time, word } from '../http/shape.ts';
import { type FixedList, fixedListRoute } from './fixed-list.ts';
import { type Reading, reading, type View } from './resource.ts';
import { IdParams } from './resource-routes.ts';

const TYPE = 'Nameplate agent';

const shape = object(
  {
    id: text,
    agent_type: word(TYPE),
    binary: text,
    topic: text,
    host: text,
    availability_zone: text,
    admin_state_up: flag,
    alive: flag,
    created_at: time,
    started_at: time,
    heartbeat_timestamp: time,
    description: text,
    configurations: mapOf(anything),
    resource_versions: mapOf(anything),
  },
  'Agent',
);

const list: FixedList = {
  collection: 'agents',
  path: '/agents',
  access: 'reader',
  policy: 'get_agent',
  summary: 'List the agents of compute hosts: for administrators, empty for others',
  shape,
  filters: ['id', 'agent_type', 'binary', 'host', 'availability_zone', 'alive', 'admin_state_up', 'topic'],
  views: agentViews,
};

/** The agents that connect guests to networks: one on each compute host. */
export const agentRoutes: readonly Route[] = [
  fixedListRoute(list),
  route({
    method: 'GET',
    path: '/v2.0/agents/:id',
    access: 'reader',
    policy: 'get_agent',
    summary: 'Show the agent of a compute host',
    schemas: { params: IdParams },
    status: 200,
    response: object({ agent: shape }),
    handle: async (context) => {
      const views = await agentViews(reading(context));
      const agent = views.find(({ id }) => id === context.params.id);
      if (agent === undefined)
        throw new Failure('not-found', `Agent ${context.params.id} could not be found.`, {
          type: 'AgentNotFound',
        });
      return { agent };
    },
  }),
];

/** Who is no administrator sees none (neutron/conf/policies/agent.py get_agent). */
async function agentViews({ store, config, caller }: Reading): Promise<View[]> {
  if (!caller.isAdmin) return [];
  const hosts = inTheirZones(await store.hosts.list(), await store.aggregates.list());
  const serviceDownMs = config.DEFAULT.service_down_time * 1000;
  return hosts.map((host) => viewOf(host, !isDown(host, { serviceDownMs })));
}

function viewOf(host: ComputeHost, alive: boolean): View {
  return {
    id: host.serviceId,
    agent_type: TYPE,
    binary: 'nameplate-agent',
    topic: 'N/A',
    host: host.name,
    availability_zone: host.zone,
    admin_state_up: host.status === 'enabled',
    alive,
    created_at: agentTime(host.startedAt),
    started_at: agentTime(host.startedAt),
    heartbeat_timestamp: agentTime(host.lastSeenAt),
    description: '',
    configurations: {},
    resource_versions: {},
  };
}

/** Agents have another form of times than other resources: `2026-01-01 00:00:00`. */
function agentTime(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}
