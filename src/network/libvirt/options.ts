import type { LibvirtCalls } from './libvirt-calls.ts';

/** What a physical network is on this host. */
export type PhysicalNetwork =
  | { readonly type: 'bridge'; readonly name: string }
  /** A network of libvirt's that the operator made. */
  | { readonly type: 'network'; readonly name: string };

/** What the backend is built with. */
export interface LibvirtNetworksOptions {
  readonly calls: LibvirtCalls;
  /** Where it remembers the ports that it made something for. */
  readonly folder: string;
  /** `bridge_mappings`, and the network of `[libvirt] network_name` under that name. */
  readonly physicalNetworks: ReadonlyMap<string, PhysicalNetwork>;
  /** Where the kernel says whether bridged packets go through iptables; by default this machine's. */
  readonly bridgeSettings?: string;
}
