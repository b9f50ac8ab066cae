import { randomUUID } from 'node:crypto';
import { asFailure } from '../../model/failure.ts';
import type { ProjectId } from '../../model/ids.ts';
import type { GuestInterface } from '../../model/machine-identity.ts';
import type { Network } from '../../model/network/network.ts';
import type { NetworkId, PortId } from '../../model/network/network-ids.ts';
import type { Server } from '../../model/server.ts';
import type { Queries, Store } from '../../store/promise/store.ts';
import { usedBy } from '../engine/claim-ports.ts';
import { portStatusOf } from '../engine/server-ports.ts';

/** More networks than there are. */
const ALL = { limit: 1_000_000 } as const;
/** Bytes */
const MTU = 1500;

/** Networks by the name that hosts know them by. */
type Networks = ReadonlyMap<string, Network>;

/**
 * The flat networks of the libvirt networks and bridges that interfaces are on: `[libvirt] network_name` of
 * their host. One that is not there is made, for the owner alone: if it were shared, servers that name no
 * network would have a choice.
 */
export async function networksOfInterfaces(
  store: Store,
  interfaces: readonly GuestInterface[],
  { owner, at }: { readonly owner: ProjectId; readonly at: number },
): Promise<Networks> {
  const found = new Map<string, Network>();
  for (const name of new Set(interfaces.map(({ network }) => network)))
    found.set(name, (await networkNamed(store, name)) ?? (await makeNetwork(store, name, { owner, at })));
  return found;
}

/**
 * Makes ports of the interfaces that a server of an earlier release has, as they are: without filters and
 * addresses of ours, with the MAC that they have. They are deleted with the server.
 */
export async function takeInInterfaces(
  tx: Queries,
  server: Server,
  { interfaces, networks }: { readonly interfaces: readonly GuestInterface[]; readonly networks: Networks },
): Promise<void> {
  const ports = (await tx.ports.ofServers([server.id])).get(server.id) ?? [];
  const known = new Set(ports.map(({ mac }) => mac));
  const news = interfaces.filter(({ mac, network }) => !known.has(mac) && networks.has(network));
  const first = ports.length === 0 ? 0 : -news.length; // before those that were attached since
  for (const [index, { mac, network }] of news.entries())
    await tx.ports.takeIn({
      ...{ id: randomUUID() as PortId, generation: 1, networkId: networks.get(network)!.id, mac },
      projectId: server.projectId,
      name: '',
      description: '',
      adminStateUp: true,
      addresses: [],
      ...usedBy(server),
      host: server.host,
      status: portStatusOf(server),
      securityGroupIds: [],
      portSecurityEnabled: false,
      vnicType: 'normal',
      dnsName: '',
      tags: [],
      deletedWithServer: true,
      index: first + index,
      deviceTag: null,
      createdAt: server.updatedAt,
      updatedAt: server.updatedAt,
    });
}

async function networkNamed(store: Store, name: string): Promise<Network | undefined> {
  return (await store.networks.list({}, ALL)).find(({ physicalNetwork }) => physicalNetwork === name);
}

async function makeNetwork(
  store: Store,
  name: string,
  { owner, at }: { readonly owner: ProjectId; readonly at: number },
): Promise<Network> {
  const network: Network = {
    ...{ id: randomUUID() as NetworkId, generation: 1, projectId: owner },
    ...{ name, physicalNetwork: name, kind: 'flat', mtu: MTU },
    description: 'Servers of release 0.1 are on it.',
    shared: false,
    adminStateUp: true,
    dnsDomain: '',
    portSecurityEnabled: false,
    tags: [],
    createdAt: at,
    updatedAt: at,
  };
  try {
    await store.networks.insert(network);
    return network;
  } catch (error) {
    const made = asFailure(error).kind === 'conflict' ? await networkNamed(store, name) : undefined;
    if (made === undefined) throw error;
    return made; // by another replica, just now
  }
}
