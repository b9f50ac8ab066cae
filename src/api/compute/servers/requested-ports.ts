import { Failure } from '../../../model/failure.ts';
import { chooseAddresses } from '../../../model/network/choose-addresses.ts';
import type { Network, Subnet } from '../../../model/network/network.ts';
import type { NetworkId } from '../../../model/network/network-ids.ts';
import type { NewPort, PortWish } from '../../../model/network/port-wish.ts';
import type { RequestContext } from '../../http/route.ts';
import { requireChoice } from '../../network/port-policy.ts';
import { reading } from '../../network/resource.ts';
import type { NetworkWish } from './requested-networks.ts';

/** More than anybody names in one request; a list that is longer was refused by its size. */
const MOST = 1_000;

/**
 * The ports that a server is to have, by what its request says of networks. What may have changed until the
 * ports are claimed is checked again then.
 * @throws {Failure} in Nova's words, of the kind that `POST /servers` answers (nova/network/neutron.py
 * API._ports_needed_per_instance, API._validate_requested_network_ids)
 */
export async function requestedPorts(context: RequestContext, wish: NetworkWish): Promise<PortWish[]> {
  if (wish === 'none') return [];
  if (wish === 'auto' || wish === 'unspecified') return automaticPort(context, wish);
  const ids = wish.flatMap((one) => ('networkId' in one ? [one.networkId] : []));
  const networks = await networksNamed(context, ids);
  for (const one of wish)
    if ('networkId' in one && one.fixedIp !== null) {
      const { network } = networks.get(one.networkId)!;
      await requireChosenAddress(context, { network, address: one.fixedIp, kind: 'invalid' });
    }
  return wish.map((one) => {
    if ('portId' in one) return one;
    const { network, subnets } = networks.get(one.networkId)!;
    if (subnets.length === 0 && network.kind === 'nat')
      throw new Failure('invalid', `Network ${network.id} requires a subnet in order to boot instances on.`);
    return portOn({ network, subnets }, one);
  });
}

interface WithSubnets {
  readonly network: Network;
  readonly subnets: readonly Subnet[];
}

async function automaticPort(context: RequestContext, wish: 'auto' | 'unspecified'): Promise<PortWish[]> {
  const { store } = context.parts;
  const visibleTo = projectOf(context);
  const [network, another] = await store.networks.list({ visibleTo, adminStateUp: true }, { limit: 2 });
  if (another !== undefined)
    throw new Failure('conflict', 'Multiple possible networks found, use a Network ID to be more specific.');
  if (network === undefined) {
    if (wish === 'unspecified') return [];
    throw new Failure('invalid', `Unable to automatically allocate a network for project ${visibleTo}`);
  }
  const subnets = await store.subnets.list({ networkIds: [network.id] }, { limit: MOST });
  return [portOn({ network, subnets }, { fixedIp: null, tag: null })];
}

/** The networks that a request names, if its caller may see them, with their subnets. */
export async function networksNamed(
  context: RequestContext,
  ids: readonly NetworkId[],
): Promise<ReadonlyMap<NetworkId, WithSubnets>> {
  const { store } = context.parts;
  const found = new Map<NetworkId, WithSubnets>();
  if (ids.length === 0) return found;
  const seen = context.caller.isAdmin ? {} : { visibleTo: projectOf(context) };
  const networks = await store.networks.list({ ids, ...seen }, { limit: MOST });
  const lost = ids.filter((id) => !networks.some((network) => network.id === id));
  if (lost.length > 0)
    throw new Failure('not-found', `Network ${[...new Set(lost)].join(', ')} could not be found.`);
  const subnets = await store.subnets.list({ networkIds: ids }, { limit: MOST });
  for (const network of networks)
    found.set(network.id, { network, subnets: subnets.filter(({ networkId }) => networkId === network.id) });
  return found;
}

/**
 * Refuses an address that the caller may not choose, and one that a port has, with the server that has it;
 * one that is taken at the same moment is refused when it is claimed. Whoever may choose an address may see
 * all ports of the network.
 * @param kind of the failure of a taken address: creates answer otherwise than attachments
 */
export async function requireChosenAddress(
  context: RequestContext,
  {
    network,
    address,
    kind,
  }: { readonly network: Network; readonly address: string; readonly kind: 'invalid' | 'conflict' },
): Promise<void> {
  const asked = { fixed_ips: [{ ip_address: address }] };
  requireChoice(reading(context), { network, asked, rule: 'create_port' });
  const filter = { networkIds: [network.id], fixedIps: [{ address }] };
  const [holder] = await context.parts.store.ports.list(filter, { limit: 1 });
  if (holder === undefined) return;
  const user = holder.deviceId === '' ? `port ${holder.id}` : `instance ${holder.deviceId}`;
  throw new Failure(kind, `Fixed IP address ${address} is already in use on ${user}.`);
}

/** @throws {Failure} `invalid` when no subnet of the network has the address */
export function portOn(
  { network, subnets }: WithSubnets,
  { fixedIp, tag }: { readonly fixedIp: string | null; readonly tag: string | null },
): NewPort {
  const { id: networkId, portSecurityEnabled, adminStateUp } = network;
  if (!adminStateUp)
    throw new Failure('invalid', `Network ${networkId} is switched off (admin_state_up is false).`);
  return { networkId, choices: chooseAddresses(subnets, fixedIp), portSecurityEnabled, tag };
}

function projectOf({ caller }: RequestContext) {
  if (caller.projectId === null) throw new Failure('forbidden', 'A token for a project is needed.');
  return caller.projectId;
}
