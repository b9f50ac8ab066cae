import { addressBits, addressText } from '../../../model/network/address.ts';
import { parseCidr } from '../../../model/network/cidr.ts';
import type { GuestAddress, GuestPort } from '../../../model/network/guest-port.ts';

/** Characters of the names of tap devices (nova/network/model.py NIC_NAME_LEN). */
const NAME_LENGTH = 14;
const ANYWHERE = { 4: '0.0.0.0', 6: '::' } as const;

interface Service {
  readonly type: 'dns';
  readonly address: string;
}

/**
 * The links, networks and services of a guest, as cloud-init reads them (nova/virt/netutils.py
 * get_network_metadata). Pure.
 */
export function networkData(ports: readonly GuestPort[]): object {
  const networks = ports.flatMap(networksOf).map((network, at) => ({ id: `network${at}`, ...network }));
  const servers = ports.flatMap(({ addresses }) => addresses.flatMap(({ dns }) => dns));
  return { links: ports.map(linkOf), networks, services: [...new Set(servers)].map(service) };
}

function linkOf({ id, mac, network: { mtu } }: GuestPort): object {
  return { id: linkName(id), vif_id: id, type: 'phy', mtu, ethernet_mac_address: mac };
}

function linkName(id: string): string {
  return `tap${id}`.slice(0, NAME_LENGTH);
}

/** A network whose addresses are not ours may have a DHCP server of its own. */
function networksOf({ id, addresses, network }: GuestPort): object[] {
  const on = { link: linkName(id), network_id: network.id };
  if (addresses.length === 0) return [{ type: 'ipv4_dhcp', ...on }];
  return addresses.map((address) => {
    const { version, dhcp } = address;
    // Only the network of a host has a DHCP server of ours.
    if (dhcp && network.kind === 'nat') return { type: `ipv${version}_dhcp`, ...on };
    return { type: `ipv${version}`, ...on, ...addressOf(address) };
  });
}

function addressOf({ version, address, cidr, gateway, routes, dns }: GuestAddress): object {
  const away = gateway === null ? [] : [route(`${ANYWHERE[version]}/0`, gateway)];
  return {
    ip_address: address,
    netmask: netmaskOf(cidr),
    routes: [...away, ...routes.map(({ destination, nexthop }) => route(destination, nexthop))],
    services: dns.map(service),
  };
}

function route(destination: string, gateway: string): object {
  return { network: destination.split('/')[0], netmask: netmaskOf(destination), gateway };
}

function netmaskOf(cidr: string): string | undefined {
  const block = parseCidr(cidr);
  if (block === undefined) return undefined;
  const { version, prefix } = block;
  const bits = addressBits(version);
  const hostBits = BigInt(bits - prefix);
  return addressText({ version, value: (((1n << BigInt(bits)) - 1n) >> hostBits) << hostBits });
}

function service(address: string): Service {
  return { type: 'dns', address };
}
