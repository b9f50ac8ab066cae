import { Failure } from '../failure.ts';
import { addressText, parseAddress } from './address.ts';
import { hostSpan, parseCidr } from './cidr.ts';
import type { Subnet } from './network.ts';
import type { SubnetId } from './network-ids.ts';
import { contains } from './spans.ts';

/** An address as a request names it: by subnet, by text, or both. */
export interface AskedAddress {
  readonly subnet_id?: string;
  readonly ip_address?: string;
}

/** An address to be claimed: a given one, or any free one of the subnet. */
interface Wanted {
  readonly subnetId: SubnetId;
  readonly address?: string;
}

/** Characters of a given text that a refusal shows. */
const MAX_SHOWN = 64;

/**
 * The addresses that a request names, each with its subnet (neutron/db/ipam_backend_mixin.py
 * _get_subnet_for_fixed_ip).
 * @param subnets all of the port's network
 * @throws {Failure} `invalid`
 */
export function addressRequests(asked: readonly AskedAddress[], subnets: readonly Subnet[]): Wanted[] {
  const wanted = asked.map((each) => addressRequest(each, subnets));
  const texts = wanted.flatMap(({ address }) => address ?? []);
  const twice = texts.find((text, at) => texts.indexOf(text) !== at);
  if (twice !== undefined)
    throw new Failure('invalid', `Invalid input for fixed_ips. Reason: Duplicate IP address '${twice}'.`);
  return wanted;
}

/**
 * What a port gets that names no address: one of each IP version, of any subnet of the network that has one
 * left. @returns the choices, best first; each is tried when the one before has none left
 */
export function usualAddresses(subnets: readonly Subnet[]): Wanted[][] {
  const of = (version: 4 | 6): (Wanted | undefined)[] => {
    const all = subnets.filter(({ ipVersion }) => ipVersion === version).map(({ id }) => ({ subnetId: id }));
    return all.length === 0 ? [undefined] : all;
  };
  return of(4).flatMap((four) =>
    of(6).map((six) => [four, six].filter((each): each is Wanted => each !== undefined)),
  );
}

function addressRequest({ subnet_id, ip_address }: AskedAddress, subnets: readonly Subnet[]): Wanted {
  const named = subnet_id === undefined ? undefined : subnetNamed(subnet_id, subnets);
  if (ip_address === undefined) {
    if (named === undefined)
      throw invalid(
        'InvalidInput',
        'Invalid input for operation: IP allocation requires subnet_id or ip_address.',
      );
    return { subnetId: named.id };
  }
  const address = parseAddress(ip_address);
  if (address === undefined)
    throw new Failure(
      'invalid',
      `Invalid input for fixed_ips. Reason: '${shown(ip_address)}' is not a valid IP address.`,
    );
  const holds = ({ cidr: text }: Subnet) => {
    const cidr = parseCidr(text);
    return cidr?.version === address.version && contains(hostSpan(cidr), address.value);
  };
  if (named !== undefined && !holds(named))
    throw invalid(
      'InvalidIpForSubnet',
      `IP address ${shown(ip_address)} is not a valid IP for the specified subnet ${named.id} (${named.cidr}).`,
    );
  const subnet = named ?? subnets.find(holds);
  if (subnet === undefined)
    throw invalid(
      'InvalidIpForNetwork',
      `IP address ${shown(ip_address)} is not a valid IP for any of the subnets on the specified network.`,
    );
  return { subnetId: subnet.id, address: addressText(address) };
}

function subnetNamed(id: string, subnets: readonly Subnet[]): Subnet {
  const subnet = subnets.find((each) => each.id === id.toLowerCase());
  if (subnet === undefined)
    throw invalid(
      'InvalidInput',
      `Invalid input for operation: Failed to create port, because fixed_ips included invalid subnet ${shown(id)}.`,
    );
  return subnet;
}

function shown(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function invalid(type: string, message: string): Failure {
  return new Failure('invalid', message, { type });
}
