import { Failure } from '../failure.ts';
import { addressText, parseAddress } from './address.ts';
import { parseCidr } from './cidr.ts';
import type { Subnet } from './network.ts';
import type { SubnetId } from './network-ids.ts';

interface ChosenAddress {
  readonly subnetId: SubnetId;
  readonly address?: string;
}

/**
 * The addresses of a port that names none: one of the first IPv4 subnet and one of the first IPv6 subnet
 * (neutron/db/ipam_pluggable_backend.py). A given address stands alone.
 * @throws {Failure} `invalid` when no subnet has the given address
 */
export function chooseAddresses(subnets: readonly Subnet[], given: string | null): ChosenAddress[] {
  if (given !== null) return [chosen(subnets, given)];
  const first = ([4, 6] as const).map((version) => subnets.find(({ ipVersion }) => ipVersion === version));
  return first.flatMap((subnet) => (subnet === undefined ? [] : [{ subnetId: subnet.id }]));
}

function chosen(subnets: readonly Subnet[], given: string): ChosenAddress {
  const address = parseAddress(given);
  const subnet = subnets.find(({ cidr }) => {
    const block = parseCidr(cidr);
    return (
      block !== undefined &&
      block.version === address?.version &&
      block.first <= address.value &&
      address.value <= block.last
    );
  });
  if (subnet === undefined || address === undefined)
    throw new Failure(
      'invalid',
      `IP address ${given} is not a valid IP for the specified network: none of its subnets contains it.`,
    );
  return { subnetId: subnet.id, address: addressText(address) };
}
