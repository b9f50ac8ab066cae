import type { NetworkId, PortId } from '../../model/network/network-ids.ts';

/** What libvirt calls one of Nameplate's networks. */
export function networkNameOf(network: NetworkId): string {
  return `nameplate-${network.slice(0, 8)}`;
}

/** Its bridge: a device name has at most 15 characters. */
export function bridgeNameOf(network: NetworkId): string {
  return `np${network.slice(0, 8)}`;
}

/** What libvirt calls the filter of a port. */
export function filterNameOf(port: PortId): string {
  return `nameplate-${port}`;
}
