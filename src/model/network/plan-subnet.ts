import { Failure } from '../failure.ts';
import { addressText, parseAddress } from './address.ts';
import { type Cidr, defaultPools, hostSpan, parseCidr } from './cidr.ts';
import type { AddressRange, HostRoute, Subnet } from './network.ts';
import { contains, overlaps, type Span } from './spans.ts';

/** What decides the addresses of a subnet, as a request has it. */
export interface SubnetPlan {
  readonly ipVersion: 4 | 6;
  readonly cidr: string;
  /** null: none. Absent: the first address. */
  readonly gatewayIp?: string | null | undefined;
  readonly enableDhcp: boolean;
  /** Absent: all addresses but the gateway. */
  readonly allocationPools?: readonly AddressRange[] | undefined;
  readonly dnsNameservers: readonly string[];
  readonly hostRoutes: readonly HostRoute[];
}

/** A subnet's addresses in canonical text. */
export type PlannedSubnet = Pick<
  Subnet,
  'ipVersion' | 'cidr' | 'gatewayIp' | 'enableDhcp' | 'allocationPools' | 'dnsNameservers' | 'hostRoutes'
>;

/** Characters of a given text that a refusal shows. */
const MAX_SHOWN = 64;
const LOOPBACK = [parseCidr('127.0.0.0/8'), parseCidr('::1/128')] as readonly Cidr[];
const MULTICAST = [parseCidr('224.0.0.0/4'), parseCidr('ff00::/8')] as readonly Cidr[];
/** The longest prefix that leaves room for a gateway and a guest. */
const LONGEST_PREFIX = { 4: 30, 6: 126 } as const;

/**
 * Checks the addresses of a subnet and fills in what the request leaves open (neutron/db/db_base_plugin_v2.py
 * _validate_subnet).
 * @throws {Failure} `invalid`, or `conflict` where Neutron answers so
 */
export function planSubnet(plan: SubnetPlan): PlannedSubnet {
  const { ipVersion, enableDhcp } = plan;
  const cidr = subnetCidr(plan);
  const gateway = gatewayOf(cidr, plan.gatewayIp);
  const pools = plan.allocationPools?.map((pool) => poolWithin(cidr, pool));
  refuseOverlaps(cidr, pools ?? []);
  for (const { range, span } of pools ?? [])
    if (gateway !== null && contains(span, gateway))
      throw refused(
        'conflict',
        'GatewayConflictWithAllocationPools',
        `Gateway ip ${textOf(cidr, gateway)} conflicts with allocation pool ${range.start}-${range.end}.`,
      );
  return {
    ipVersion,
    cidr: cidr.text,
    enableDhcp,
    gatewayIp: gateway === null ? null : textOf(cidr, gateway),
    allocationPools: pools?.map(({ range }) => range) ?? defaultPools(cidr, gateway),
    dnsNameservers: plan.dnsNameservers.map((text) => addressOf(cidr, text, 'dns_nameservers')),
    hostRoutes: plan.hostRoutes.map((route) => routeOf(cidr, route)),
  };
}

function subnetCidr({ ipVersion, cidr: text, enableDhcp }: SubnetPlan): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined)
    throw refused(
      'invalid',
      'HTTPBadRequest',
      `Invalid input for cidr. Reason: '${shown(text)}' is not a valid IP subnet, such as 10.0.0.0/24.`,
    );
  if (cidr.version !== ipVersion)
    throw invalid(`cidr '${shown(text)}' does not match the ip_version '${ipVersion}'`);
  if (parseAddress(text.split('/')[0] ?? '')?.value !== cidr.first)
    throw refused(
      'invalid',
      'HTTPBadRequest',
      `Invalid input for cidr. Reason: '${shown(text)}' isn't a recognized IP subnet cidr, '${cidr.text}' is recommended.`,
    );
  if (cidr.prefix === 0) throw invalid('0 is not allowed as CIDR prefix length');
  if (cidr.first === 0n) throw invalid(`subnet '${cidr.text}' begins with the unspecified address`);
  for (const [name, blocks] of [
    ['Multicast', MULTICAST],
    ['Loopback', LOOPBACK],
  ] as const)
    if (blocks.some((block) => block.version === cidr.version && overlaps(block, cidr)))
      throw invalid(`${name} IP subnet ${cidr.text} is not supported`);
  if (enableDhcp && cidr.prefix > LONGEST_PREFIX[ipVersion])
    throw invalid(
      `Subnet has a prefix length that is incompatible with DHCP service enabled: /${cidr.prefix}, at most /${LONGEST_PREFIX[ipVersion]} is accepted`,
    );
  return cidr;
}

function gatewayOf(cidr: Cidr, asked: string | null | undefined): bigint | null {
  if (asked === null) return null;
  const hosts = hostSpan(cidr);
  if (asked === undefined) return hosts.first;
  const { value } = parsed(cidr, asked, 'gateway_ip');
  if (!contains(hosts, value))
    throw invalid(
      `Gateway is not valid on subnet: gateway_ip ${shown(asked)} is not a host's address in ${cidr.text}`,
    );
  return value;
}

interface Pool {
  readonly range: AddressRange;
  readonly span: Span;
}

function poolWithin(cidr: Cidr, { start, end }: AddressRange): Pool {
  const [first, last] = [parseAddress(start), parseAddress(end)];
  const pool = `${shown(start)}-${shown(end)}`;
  if (first?.version !== cidr.version || last?.version !== cidr.version || last.value < first.value)
    throw refused('invalid', 'InvalidAllocationPool', `The allocation pool ${pool} is not valid.`);
  const span = { first: first.value, last: last.value };
  const hosts = hostSpan(cidr);
  if (!contains(hosts, span.first) || !contains(hosts, span.last))
    throw refused(
      'invalid',
      'OutOfBoundsAllocationPool',
      `The allocation pool ${pool} spans beyond the subnet cidr ${cidr.text}.`,
    );
  return { span, range: { start: addressText(first), end: addressText(last) } };
}

function refuseOverlaps(cidr: Cidr, pools: readonly Pool[]): void {
  const sorted = pools.toSorted((a, b) => (a.span.first < b.span.first ? -1 : 1));
  sorted.forEach((pool, at) => {
    const next = sorted[at + 1];
    if (next !== undefined && overlaps(pool.span, next.span))
      throw refused(
        'conflict',
        'OverlappingAllocationPools',
        `Found overlapping allocation pools: ${pool.range.start}-${pool.range.end} ${next.range.start}-${next.range.end} for subnet ${cidr.text}.`,
      );
  });
}

function routeOf(cidr: Cidr, { destination, nexthop }: HostRoute): HostRoute {
  const to = parseCidr(destination);
  if (to?.version !== cidr.version)
    throw invalid(
      `Invalid route: destination '${shown(destination)}' is not an IPv${cidr.version} subnet, such as 10.1.0.0/16`,
    );
  return { destination: to.text, nexthop: addressOf(cidr, nexthop, 'host_routes nexthop') };
}

function addressOf(cidr: Cidr, text: string, field: string): string {
  return addressText(parsed(cidr, text, field));
}

function parsed(cidr: Cidr, text: string, field: string) {
  const address = parseAddress(text);
  if (address?.version !== cidr.version)
    throw invalid(`${field} '${shown(text)}' is not an IPv${cidr.version} address`);
  return address;
}

function textOf({ version }: Cidr, value: bigint): string {
  return addressText({ version, value });
}

function shown(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function invalid(why: string): Failure {
  return refused('invalid', 'InvalidInput', `Invalid input for operation: ${why}.`);
}

function refused(kind: 'invalid' | 'conflict', type: string, message: string): Failure {
  return new Failure(kind, message, { type });
}
