import type { NetworkAbilities } from '../model/network/network-abilities.ts';
import type { Filter, WantedNetwork } from './filter.ts';

/** Passes hosts that have the networks of the ports, and can filter those that are to be filtered. */
export const networkFilter: Filter = {
  name: 'NetworkFilter',
  onRebuild: false,
  forOwner: 'has the networks and filters of its ports; servers created with networks none need no such host',
  testFor({ networks = [] }) {
    if (networks.length === 0) return undefined;
    return ({ host }) => {
      if (host.networks === undefined)
        return `The server has ports, and the agent of the host (release ${host.version}) reports no networks.`;
      const abilities = host.networks;
      return networks.map((network) => whyWithout(network, abilities)).find((why) => why !== undefined);
    };
  },
};

function whyWithout(
  { name, kind, physicalNetwork, filtered }: WantedNetwork,
  { nat, physicalNetworks, filters }: NetworkAbilities,
): string | undefined {
  if (kind === 'nat' && nat !== true) return `The host cannot have network ${name}: ${nat}`;
  if (kind === 'flat' && !physicalNetworks.includes(physicalNetwork ?? ''))
    return `The host is not on physical network ${physicalNetwork} of network ${name} ([linux_bridge] bridge_mappings).`;
  if (filtered && filters !== true) return `The host cannot filter a port on network ${name}: ${filters}`;
  return undefined;
}
