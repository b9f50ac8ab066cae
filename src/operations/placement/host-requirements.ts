import type { Verb } from '../../model/command.ts';
import type { FlavorSnapshot } from '../../model/flavor.ts';
import type { HostName } from '../../model/ids.ts';
import type { Server } from '../../model/server.ts';
import type { HostRequirements, WantedGroup, WantedNetwork } from '../../scheduler/filter.ts';
import type { Queries } from '../../store/promise/store.ts';

/**
 * What the scheduler is asked for a server, with the flavor that it will have, and with the host that was
 * named for it.
 */
export async function hostRequirementsOf(
  queries: Queries,
  server: Server,
  { flavor, host, asks = [] }: { flavor: FlavorSnapshot; host: string | null; asks?: readonly Verb[] },
): Promise<HostRequirements> {
  const networks = await networksOf(queries, server);
  return {
    serverId: server.id,
    flavor,
    image: server.image,
    machine: server.machine,
    given: server.given,
    zone: server.availabilityZone,
    host,
    asks: [
      ...asks,
      ...(networks.length === 0 ? [] : (['plug-ports'] as const)),
      // Older agents would ignore what the server was imported with.
      ...(server.given === null ? [] : (['machine-identity'] as const)),
    ],
    group: await groupOf(queries, server),
    serial: await lastSerialOf(queries, server),
    networks,
  };
}

/** A group that was deleted binds nobody any more. */
async function groupOf(queries: Queries, { id, groupId }: Server): Promise<WantedGroup | null> {
  const group = groupId === null ? undefined : await queries.groups.find(groupId);
  if (group === undefined) return null;
  const ids = (await queries.groups.members(group.id)).map((member) => member.id);
  const others = new Map<HostName, number>();
  for (const other of await queries.servers.findMany(ids.filter((each) => each !== id)))
    for (const host of new Set([other.host, other.destHost]))
      if (host !== null) others.set(host, (others.get(host) ?? 0) + 1);
  const { name, policy, maxServerPerHost } = group;
  return { name, policy, maxServerPerHost, others };
}

async function networksOf(queries: Queries, { id }: Server): Promise<readonly WantedNetwork[]> {
  const ports = (await queries.ports.ofServers([id])).get(id) ?? [];
  const found = await Promise.all(
    ports.map(async ({ networkId, portSecurityEnabled: filtered }) => {
      const network = await queries.networks.find(networkId);
      return network && { ...network, filtered };
    }),
  );
  return found.filter((network) => network !== undefined);
}

async function lastSerialOf(queries: Queries, { id, host }: Server): Promise<string | null | undefined> {
  if (host === null) return undefined;
  return (await queries.serials.of(id)).findLast(({ effect }) => effect === 'booted')?.serial;
}
