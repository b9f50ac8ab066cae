import { Failure } from '../../model/failure.ts';
import { filterProtocolOf } from '../../model/network/filter-protocol.ts';
import type { GuestPort, GuestRule } from '../../model/network/guest-port.ts';
import { element, textElement, writeXml, type XmlElement } from '../../model/xml-element.ts';
import { filterNameOf } from './network-name.ts';

/** libvirt's own filters that those of ports are composed of. */
export const LIBVIRT_PARTS = [
  ...['no-mac-spoofing', 'no-ip-spoofing', 'no-ipv6-spoofing', 'no-arp-spoofing'],
  ...['no-other-l2-traffic', 'qemu-announce-self'],
] as const;

/** Multicast listener reports, router and neighbour solicitations, neighbour advertisements. */
const DISCOVERY_OUT = [131, 132, 133, 135, 136, 143];
/** Multicast listener queries, router advertisements, neighbour solicitations and advertisements. */
const DISCOVERY_IN = [130, 134, 135, 136];
/** Router advertisements and redirects: a guest is no router. */
const ROUTERS_ONLY = [134, 137];

/**
 * The filter of a port: no address but its own, and what its security groups allow, as Neutron's firewall
 * (neutron/agent/linux/iptables_firewall.py). A port without port security has a filter that lets everything
 * pass, so that it can be turned on while the guest runs. Pure.
 * @throws {Failure} `invalid` for a rule with a protocol that libvirt cannot filter by
 */
export function filterXml(port: GuestPort): string {
  const { id, rules } = port;
  return writeXml(
    element('filter', { name: filterNameOf(id), chain: 'root' }, [
      textElement('uuid', id),
      ...(rules === null ? [] : [...antiSpoofing(port), ...alwaysAllowed(), ...rules.flatMap(ruleElements)]),
      ...(rules === null ? [] : [rule('drop', 'inout', 1000, element('all'))]),
      ...(rules === null ? [] : [rule('drop', 'inout', 1000, element('all-ipv6'))]),
    ]),
  );
}

type Direction = 'in' | 'out' | 'inout';

function rule(action: 'accept' | 'drop', direction: Direction, priority: number, what: XmlElement) {
  return element('rule', { action, direction, priority: String(priority) }, [what]);
}

/** A rule that holds whatever the connection's state: multicast and discovery have none. */
function stateless(direction: Direction, what: XmlElement): XmlElement {
  return element('rule', { action: 'accept', direction, priority: '100', statematch: 'false' }, [what]);
}

/** On Ethernet: who the guest says that it is. The order is that of libvirt's `clean-traffic`. */
function antiSpoofing({ addresses }: GuestPort): XmlElement[] {
  const of = (version: 4 | 6) =>
    addresses.filter((one) => one.version === version).map(({ address }) => address);
  // Without an address it may only ask for one.
  const four = of(4).length === 0 ? ['0.0.0.0'] : of(4);
  const six = of(6).length === 0 ? ['::'] : of(6);
  const known = (filter: string, name: string, values: readonly string[]) =>
    element(
      'filterref',
      { filter },
      values.map((value) => element('parameter', { name, value })),
    );
  const any = (protocolid: string) => element('mac', { protocolid });
  return [
    element('filterref', { filter: 'no-mac-spoofing' }),
    rule('drop', 'out', -720, element('ip', { protocol: 'udp', srcportstart: '67', dstportstart: '68' })),
    known('no-ip-spoofing', 'IP', four),
    rule('accept', 'inout', -650, any('ipv4')),
    ...discoveryOnEthernet(),
    known('no-ipv6-spoofing', 'IPV6', six),
    rule('accept', 'inout', -600, any('ipv6')),
    known('no-arp-spoofing', 'IP', four),
    rule('accept', 'inout', -500, any('arp')),
    element('filterref', { filter: 'no-other-l2-traffic' }),
    element('filterref', { filter: 'qemu-announce-self' }),
  ];
}

/** Before `no-ipv6-spoofing`, which drops neighbour discovery from link-local addresses. */
function discoveryOnEthernet(): XmlElement[] {
  const icmp = (type: number, source?: Readonly<Record<string, string>>) =>
    element('ipv6', { ...source, protocol: 'icmpv6', type: String(type) });
  const linkLocal = { srcipaddr: 'fe80::', srcipmask: '10' };
  const none = { srcipaddr: '::', srcipmask: '128' };
  return [
    ...ROUTERS_ONLY.map((type) => rule('drop', 'out', -630, icmp(type))),
    rule('drop', 'out', -630, element('ipv6', { protocol: 'udp', srcportstart: '547', dstportstart: '546' })),
    ...DISCOVERY_OUT.map((type) => rule('accept', 'out', -620, icmp(type, linkLocal))),
    ...[133, 135, 143].map((type) => rule('accept', 'out', -620, icmp(type, none))),
  ];
}

/** What works without a rule: DHCP, neighbour discovery, and errors about connections that are allowed. */
function alwaysAllowed(): XmlElement[] {
  const ports = (srcportstart: number, dstportstart: number) => ({
    srcportstart: String(srcportstart),
    dstportstart: String(dstportstart),
  });
  const icmp = (type: number) => element('icmpv6', { type: String(type) });
  return [
    stateless('out', element('udp', ports(68, 67))),
    stateless('in', element('udp', ports(67, 68))),
    stateless('out', element('udp-ipv6', ports(546, 547))),
    stateless('in', element('udp-ipv6', ports(547, 546))),
    ...DISCOVERY_OUT.map((type) => stateless('out', icmp(type))),
    ...DISCOVERY_IN.map((type) => stateless('in', icmp(type))),
    rule('accept', 'inout', 100, element('icmp', { state: 'RELATED' })),
    rule('accept', 'inout', 100, element('icmpv6', { state: 'RELATED' })),
  ];
}

/** One rule for each range of addresses at the other end. libvirt lets the answers pass by itself. */
function ruleElements(given: GuestRule): XmlElement[] {
  const name = filterProtocolOf(given);
  if (name === undefined)
    throw new Failure(
      'invalid',
      `A security group has a rule for the protocol ${given.protocol}, and the filters of the compute host know only tcp, udp, icmp, icmpv6, sctp, udplite, esp, ah and igmp.`,
    );
  const inward = given.direction === 'ingress';
  const ends = given.remotes === null ? [{}] : given.remotes.map((cidr) => otherEnd(cidr, inward));
  return ends.map((end) =>
    rule('accept', inward ? 'in' : 'out', 500, element(name, { ...end, ...portsOf(given, name) })),
  );
}

function otherEnd(cidr: string, inward: boolean): Readonly<Record<string, string>> {
  const [address = '', prefix = ''] = cidr.split('/');
  return inward ? { srcipaddr: address, srcipmask: prefix } : { dstipaddr: address, dstipmask: prefix };
}

function portsOf({ portRangeMin, portRangeMax }: GuestRule, name: string): Readonly<Record<string, string>> {
  if (portRangeMin === null) return {};
  if (name.startsWith('icmp'))
    return {
      type: String(portRangeMin),
      ...(portRangeMax !== null && { code: String(portRangeMax) }),
    };
  return { dstportstart: String(portRangeMin), dstportend: String(portRangeMax ?? portRangeMin) };
}
