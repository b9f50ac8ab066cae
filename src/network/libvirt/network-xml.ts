import type { GuestPort } from '../../model/network/guest-port.ts';
import type { MacAddress } from '../../model/network/network-ids.ts';
import { element, textElement, writeXml, type XmlElement } from '../../model/xml-element.ts';
import { bridgeNameOf, networkNameOf } from './network-name.ts';

type Network = GuestPort['network'];
type Subnet = Network['subnets'][number];

/**
 * A network of libvirt's own behind the host's address: it makes the bridge, serves DHCP and DNS by dnsmasq,
 * and translates addresses. Pure.
 * @param first the first entry of its DHCP: later ones are added while it runs
 */
export function natNetworkXml(network: Network, first: DhcpHost | undefined): string {
  const { id, mtu, dnsDomain } = network;
  const served = servedSubnets(network);
  const dhcp = dhcpSubnetOf(network);
  const hasSix = served.some(({ cidr }) => isSix(cidr));
  const forwarders = [...new Set(served.flatMap(({ dns }) => dns))];
  return writeXml(
    element('network', {}, [
      textElement('name', networkNameOf(id)),
      textElement('uuid', id),
      element('forward', { mode: 'nat' }, hasSix ? [element('nat', { ipv6: 'yes' })] : []),
      element('bridge', { name: bridgeNameOf(id), stp: 'on', delay: '0' }),
      element('mtu', { size: String(mtu) }),
      dnsDomain === ''
        ? undefined
        : element('domain', { name: dnsDomain.replace(/\.$/, ''), localOnly: 'yes' }),
      forwarders.length === 0
        ? undefined
        : element(
            'dns',
            {},
            forwarders.map((addr) => element('forwarder', { addr })),
          ),
      ...served.map((subnet) => ipElement(subnet, subnet.id === dhcp?.id ? first : undefined)),
    ]),
  );
}

/** A network of guests on a bridge that the operator made, under one name on all hosts. Pure. */
export function bridgedNetworkXml({ id }: Network, bridge: string): string {
  return writeXml(
    element('network', {}, [
      textElement('name', networkNameOf(id)),
      textElement('uuid', id),
      element('forward', { mode: 'bridge' }),
      element('bridge', { name: bridge }),
    ]),
  );
}

/** An entry of a network's DHCP: what the guest with this MAC address is given. */
export interface DhcpHost {
  readonly mac: MacAddress;
  readonly ip: string;
  readonly name?: string;
}

export function hostElement({ mac, ip, name }: DhcpHost): XmlElement {
  return element('host', { mac, ip, name });
}

/** The subnets that libvirt has an address in: its own, which is their gateway. Pure. */
export function servedSubnets({ subnets }: Network): (Subnet & { readonly gateway: string })[] {
  return subnets.flatMap(({ gateway, ...subnet }) => (gateway === null ? [] : [{ ...subnet, gateway }]));
}

/**
 * The subnet whose addresses are given out by DHCP, as its place among the network's `<ip>` elements;
 * undefined for none. dnsmasq knows guests by their MAC over IPv4 only, and libvirt has DHCP for one IPv4
 * subnet a network. Pure.
 */
export function dhcpSubnetOf(
  network: Network,
): { readonly id: Subnet['id']; readonly index: number } | undefined {
  const index = servedSubnets(network).findIndex(({ cidr, dhcp }) => dhcp && !isSix(cidr));
  const subnet = servedSubnets(network)[index];
  return subnet === undefined ? undefined : { id: subnet.id, index };
}

function ipElement({ cidr, gateway }: Subnet, host: DhcpHost | undefined): XmlElement {
  const prefix = cidr.slice(cidr.indexOf('/') + 1);
  const family = isSix(cidr) ? 'ipv6' : 'ipv4';
  const dhcp = host && element('dhcp', {}, [hostElement(host)]);
  return element('ip', { family, address: gateway ?? '', prefix }, [dhcp]);
}

function isSix(cidr: string): boolean {
  return cidr.includes(':');
}
