import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Config } from '../config/declared.ts';
import type { ProjectId } from '../model/ids.ts';
import type { Log } from '../model/log.ts';
import { addressText } from '../model/network/address.ts';
import { type Cidr, defaultPools } from '../model/network/cidr.ts';
import type { Network, Subnet } from '../model/network/network.ts';
import type { NetworkId, SubnetId } from '../model/network/network-ids.ts';
import type { Store } from '../store/promise/store.ts';
import { overlappingRoute } from './overlapping-route.ts';

/** The name that clients' tests and examples expect. */
const NAME = 'private';
/** Bytes */
const MTU = 1500;
/** Under this name replicas agree on the network's id: whoever proposed it makes the network. */
const AGREED = 'first-network';
/** Linux's IPv4 routes. */
const ROUTES = '/proc/net/route';

interface FirstNetworkRequest {
  readonly config: Config;
  /** The owner: the project of the administrator. */
  readonly projectId: ProjectId;
  /** Whether guests run on this machine, whose own routes then matter. */
  readonly runsGuests: boolean;
  readonly now: () => number;
  readonly log: Log;
}

/**
 * Gives a deployment its first network, once: one that was deleted does not come back. With
 * `[libvirt] network_type` it is the libvirt network or the bridge that guests were connected to before there
 * were ports, whose addresses are not ours; else a network behind the host's own address.
 */
export async function makeFirstNetwork(store: Store, request: FirstNetworkRequest): Promise<void> {
  const { config, projectId, log } = request;
  const { network_type: type, network_name: name } = config.libvirt;
  const cidr = config.nameplate.first_network_cidr;
  const flat = config.nameplate.driver === 'libvirt' && type !== 'none' && name !== undefined ? name : null;
  if (flat === null && cidr === null) return;
  const id = randomUUID() as NetworkId;
  const network = networkOf({ id, projectId, at: request.now(), physicalNetwork: flat });
  const subnet = flat === null && cidr !== null ? subnetOf(network, cidr) : undefined;
  const route = request.runsGuests && subnet ? overlappingRoute(await routes(), subnet.cidr) : undefined;
  await store
    .transaction(async (tx) => {
      if ((await tx.secrets.agree(AGREED, id)) !== id) return;
      if (route !== undefined) throw new RouteTaken(); // nothing is agreed: the next start tries again
      await tx.networks.insert(network);
      if (subnet !== undefined) await tx.subnets.insert(subnet);
    })
    .catch((error) => {
      if (!(error instanceof RouteTaken)) throw error;
      log('first-network-not-made', { cidr: subnet?.cidr, route });
    });
}

/** A route of this host has the addresses. */
class RouteTaken extends Error {}

function networkOf(of: {
  readonly id: NetworkId;
  readonly projectId: ProjectId;
  readonly at: number;
  readonly physicalNetwork: string | null;
}): Network {
  const { id, projectId, at, physicalNetwork } = of;
  return {
    ...{ id, projectId, physicalNetwork },
    generation: 1,
    name: NAME,
    description: '',
    shared: true,
    adminStateUp: true,
    kind: physicalNetwork === null ? 'nat' : 'flat',
    mtu: MTU,
    dnsDomain: '',
    // Guests of earlier versions were on that bridge without filters.
    portSecurityEnabled: physicalNetwork === null,
    tags: [],
    createdAt: at,
    updatedAt: at,
  };
}

/** The host has the first address. */
function subnetOf({ id: networkId, projectId, createdAt: at }: Network, cidr: Cidr): Subnet {
  const gateway = cidr.first + 1n;
  return {
    id: randomUUID() as SubnetId,
    generation: 1,
    ...{ networkId, projectId },
    name: `${NAME}-subnet`,
    description: '',
    ipVersion: 4,
    cidr: cidr.text,
    gatewayIp: addressText({ version: 4, value: gateway }),
    enableDhcp: true,
    allocationPools: defaultPools(cidr, gateway),
    dnsNameservers: [],
    hostRoutes: [],
    ipv6AddressMode: null,
    ipv6RaMode: null,
    tags: [],
    createdAt: at,
    updatedAt: at,
  };
}

async function routes(): Promise<string> {
  return readFile(ROUTES, 'utf8').catch(() => '');
}
