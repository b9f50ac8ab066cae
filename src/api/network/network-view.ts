import type { Network } from '../../model/network/network.ts';
import type { NetworkId } from '../../model/network/network-ids.ts';
import { pagesOf } from '../../model/pages.ts';
import { flag, integer, integerOrNull, object, optional, textOrNull, texts, word } from '../http/shape.ts';
import { commonFields, commonView } from './common-view.ts';
import type { Reading, View } from './resource.ts';

/** Subnets that are read in one go. */
const GO = 500;

export const networkShape = object(
  {
    ...commonFields,
    status: word('ACTIVE'),
    admin_state_up: flag,
    shared: flag,
    mtu: integer,
    'router:external': flag,
    port_security_enabled: flag,
    subnets: texts,
    availability_zones: texts,
    availability_zone_hints: texts,
    'provider:network_type': optional(word('local', 'flat')),
    'provider:physical_network': optional(textOrNull),
    'provider:segmentation_id': optional(integerOrNull),
  },
  'Network',
);

/** Whether the caller sees a network: its project's own, and shared ones. */
export function isShownTo({ caller }: Reading, { shared, projectId }: Network): boolean {
  return caller.isAdmin || shared || projectId === caller.projectId;
}

/** Networks as Neutron shows them; what they are made of is for administrators. */
export async function networkViews(at: Reading, networks: readonly Network[]): Promise<View[]> {
  const subnets = await subnetsOf(at, networks);
  return networks.map((network) => ({
    ...commonView(network),
    status: 'ACTIVE',
    admin_state_up: network.adminStateUp,
    shared: network.shared,
    mtu: network.mtu,
    'router:external': false,
    port_security_enabled: network.portSecurityEnabled,
    subnets: subnets.get(network.id) ?? [],
    availability_zones: [at.config.DEFAULT.default_availability_zone],
    availability_zone_hints: [],
    ...(at.caller.isAdmin && {
      'provider:network_type': network.kind === 'nat' ? 'local' : 'flat',
      'provider:physical_network': network.physicalNetwork,
      'provider:segmentation_id': null,
    }),
  }));
}

async function subnetsOf(
  { store }: Reading,
  networks: readonly Network[],
): Promise<ReadonlyMap<NetworkId, string[]>> {
  const found = new Map<NetworkId, string[]>();
  const filter = { networkIds: networks.map(({ id }) => id) };
  if (networks.length === 0) return found;
  for await (const subnets of pagesOf((page) => store.subnets.list(filter, page), GO))
    for (const { id, networkId } of subnets) found.set(networkId, [...(found.get(networkId) ?? []), id]);
  return found;
}
