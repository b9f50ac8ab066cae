import { XMLParser } from 'fast-xml-parser';
import {
  features,
  type Libvirt,
  type Network,
  networkSections,
  networkUpdateCommands,
  networkUpdateFlags,
  networkXmlFlags,
} from 'libvirt-rpc';
import type { GuestPort } from '../../model/network/guest-port.ts';
import type { MacAddress, PortId } from '../../model/network/network-ids.ts';
import { writeXml } from '../../model/xml-element.ts';
import { type DhcpHost, dhcpSubnetOf, hostElement } from './network-xml.ts';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
});

/** The entries of a network's definition. Pure. */
export function dhcpHostsOf(networkXml: string): readonly DhcpHost[] {
  const { network } = parser.parse(networkXml) as { network?: { ip?: unknown } };
  return listOf<{ dhcp?: { host?: unknown } }>(network?.ip)
    .flatMap(({ dhcp }) => listOf<DhcpHost>(dhcp?.host))
    .filter(({ mac, ip }) => mac !== undefined && ip !== undefined);
}

/**
 * The port's entry in a running network and in its definition, and no other with its MAC or its address: what
 * is there of an earlier holder goes.
 */
export async function setDhcpHost(libvirt: Libvirt, network: Network, port: GuestPort): Promise<void> {
  await inEach(libvirt, network, async (hosts, update) => {
    const wanted = dhcpHostOf(port, hosts);
    const others = hosts.filter(({ mac, ip }) => mac === port.mac || ip === wanted?.ip);
    if (wanted !== undefined && others.length === 1 && isSame(others[0], wanted)) return;
    for (const other of others) await update('delete', other);
    if (wanted !== undefined) await update('addLast', wanted, dhcpSubnetOf(port.network)?.index);
  });
}

/**
 * The entry of a port; undefined for one without an address that DHCP gives out. Pure.
 * @param hosts the entries that are there
 */
export function dhcpHostOf(port: GuestPort, hosts: readonly DhcpHost[] = []): DhcpHost | undefined {
  const subnet = dhcpSubnetOf(port.network);
  const ip = port.addresses.find(({ subnetId }) => subnetId === subnet?.id)?.address;
  return ip === undefined ? undefined : withName({ mac: port.mac, ip }, port, hosts);
}

/** Removes the entry of a MAC address. */
export async function removeDhcpHost(libvirt: Libvirt, network: Network, mac: MacAddress): Promise<void> {
  await inEach(libvirt, network, async (hosts, update) => {
    for (const host of hosts) if (host.mac === mac) await update('delete', host);
  });
}

type Update = (
  command: keyof typeof networkUpdateCommands,
  host: DhcpHost,
  parentIndex?: number,
) => Promise<void>;

/** Does something to the entries of the network that runs, and then to those of its definition. */
async function inEach(
  libvirt: Libvirt,
  network: Network,
  act: (hosts: readonly DhcpHost[], update: Update) => Promise<void>,
): Promise<void> {
  const isActive = await libvirt.networkIsActive({ network });
  const inOrder = (await libvirt.connectSupportsFeature({ feature: features.networkUpdateOrder })) === true;
  for (const kind of isActive ? (['live', 'config'] as const) : (['config'] as const)) {
    const flags = kind === 'config' ? networkXmlFlags.inactive : 0;
    const hosts = dhcpHostsOf(await libvirt.networkGetXMLDesc({ network, flags }));
    await act(hosts, async (word, host, parentIndex = -1) => {
      const [first, second] = [networkUpdateCommands[word], networkSections.ipDhcpHost];
      const [command, section] = inOrder ? [first, second] : [second, first];
      const xml = writeXml(hostElement(host));
      const to = { network, command, section, parentIndex };
      await libvirt.networkUpdate({ ...to, xml, flags: networkUpdateFlags[kind] });
    });
  }
}

/** A name may be given out once a network: another guest of that name has its port's id in it. */
function withName(host: DhcpHost, { hostname, id }: GuestPort, hosts: readonly DhcpHost[]): DhcpHost {
  if (hostname === '') return host;
  const isTaken = hosts.some(({ name, mac }) => name === hostname && mac !== host.mac);
  return { ...host, name: isTaken ? longerName(hostname, id) : hostname };
}

function longerName(hostname: string, id: PortId): string {
  return `${hostname.slice(0, 54)}-${id.slice(0, 8)}`;
}

function isSame(one: DhcpHost | undefined, other: DhcpHost): boolean {
  return one?.mac === other.mac && one.ip === other.ip && one.name === other.name;
}

function listOf<Item>(value: unknown): readonly Item[] {
  const items = Array.isArray(value) ? value : value === undefined || value === '' ? [] : [value];
  return items as readonly Item[];
}
