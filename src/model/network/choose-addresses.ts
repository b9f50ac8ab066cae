import { Failure } from '../failure.ts';
import { addressText, parseAddress } from './address.ts';
import { usualAddresses } from './address-requests.ts';
import { parseCidr } from './cidr.ts';
import type { Subnet } from './network.ts';
import type { SubnetId } from './network-ids.ts';

interface ChosenAddress {
  readonly subnetId: SubnetId;
  readonly address?: string;
}

/**
 * The addresses of a server's port that names none: one of each IP version, of any subnet that has one left.
 * A given address stands alone.
 * @returns the choices, best first
 * @throws {Failure} `invalid` when no subnet has the given address
 */
export function chooseAddresses(subnets: readonly Subnet[], given: string | null): ChosenAddress[][] {
  return given === null ? usualAddresses(subnets) : [[chosen(subnets, given)]];
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
