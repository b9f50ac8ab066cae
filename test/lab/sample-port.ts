import { randomUUID } from 'node:crypto';
import type { GuestAddress, GuestPort } from '../../src/model/network/guest-port.ts';
import type { MacAddress, NetworkId, PortId, SubnetId } from '../../src/model/network/network-ids.ts';

const SUBNET = '5b5b5b5b-0000-4000-8000-000000000001' as SubnetId;
const NETWORK = '7a7a7a7a-0000-4000-8000-000000000001' as NetworkId;

/** What a test says of a port; the rest is usual. */
interface PortChanges extends Partial<Omit<GuestPort, 'network'>> {
  readonly network?: Partial<GuestPort['network']>;
  /** The last byte of its MAC and of its address. */
  readonly number?: number;
}

/** A port on a network behind its hosts, with one address and no security group. */
export function samplePort({ network, number = 5, ...changes }: PortChanges = {}): GuestPort {
  const subnet = { id: SUBNET, cidr: '10.77.0.0/24', gateway: '10.77.0.1', dhcp: true, dns: [] };
  return {
    id: randomUUID() as PortId,
    mac: `fa:16:3e:77:00:${number.toString(16).padStart(2, '0')}` as MacAddress,
    network: {
      ...{ id: NETWORK, name: 'private', kind: 'nat', physicalNetwork: null, mtu: 1500 },
      ...{ dnsDomain: '', subnets: [subnet] },
      ...network,
    },
    addresses: [sampleAddress({ address: `10.77.0.${number}` })],
    ...{ hostname: `guest-${number}`, tag: null, rules: [] },
    ...changes,
  };
}

/** An address of its subnet. */
export function sampleAddress(changes: Partial<GuestAddress> = {}): GuestAddress {
  return {
    ...{ subnetId: SUBNET, version: 4, address: '10.77.0.5', cidr: '10.77.0.0/24', gateway: '10.77.0.1' },
    ...{ dhcp: true, dns: [], routes: [] },
    ...changes,
  };
}
