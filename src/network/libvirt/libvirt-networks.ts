import type { Libvirt, Network } from 'libvirt-rpc';
import { KeyedQueue } from '../../async/keyed-queue.ts';
import { Failure } from '../../model/failure.ts';
import type { OperationId, ServerId } from '../../model/ids.ts';
import type { Attachment } from '../../model/network/attachment.ts';
import type { GuestPort } from '../../model/network/guest-port.ts';
import type { NetworkAbilities } from '../../model/network/network-abilities.ts';
import type { PortId } from '../../model/network/network-ids.ts';
import type { NetworkBackend, PluggedPort } from '../backend.ts';
import { readAbilities } from './abilities.ts';
import { dhcpHostOf, removeDhcpHost, setDhcpHost } from './dhcp-hosts.ts';
import { filterXml } from './filter-xml.ts';
import { type LibvirtCalls, unless } from './libvirt-calls.ts';
import { filterNameOf, networkNameOf } from './network-name.ts';
import { bridgedNetworkXml, natNetworkXml } from './network-xml.ts';
import type { LibvirtNetworksOptions, PhysicalNetwork } from './options.ts';
import { type PortRecord, PortRecords } from './port-records.ts';

/**
 * The networks of a libvirt host. DHCP, DNS and NAT are libvirt's network driver's, filters its nwfilter
 * driver's; what was made for a port is remembered in a file of its own.
 */
export class LibvirtNetworks implements NetworkBackend {
  readonly #options: LibvirtNetworksOptions;
  readonly #calls: LibvirtCalls;
  readonly #records: PortRecords;
  /** What is done to a network, and to the filters of its ports, is done one after the other. */
  readonly #queue = new KeyedQueue<string>();

  constructor(options: LibvirtNetworksOptions) {
    this.#options = options;
    this.#calls = options.calls;
    this.#records = new PortRecords(options.folder);
  }

  async abilities(): Promise<NetworkAbilities> {
    return readAbilities(this.#options);
  }

  async plug(server: ServerId, port: GuestPort, operation: OperationId | null = null): Promise<Attachment> {
    const abilities = await this.abilities();
    assertAble(port, abilities);
    const on = this.#physical(port);
    const isOurs = on?.type !== 'network';
    const name = isOurs ? networkNameOf(port.network.id) : on.name;
    const filter = abilities.filters === true ? filterNameOf(port.id) : null;
    await this.#queue.run(name, async () => {
      await this.#records.keep({ id: port.id, server, network: name, isOurs, mac: port.mac, operation });
      await this.#calls.change(`preparing network ${name}`, async (libvirt) => {
        if (isOurs) await this.#ensureNetwork(libvirt, port);
        if (filter !== null) await libvirt.nwfilterDefineXML({ xml: filterXml(port) });
      });
    });
    return { port, source: { type: 'network', name }, filter };
  }

  async unplug(port: PortId): Promise<void> {
    const record = await this.#records.find(port);
    if (record === undefined) return;
    await this.#queue.run(record.network, async () => {
      await this.#calls.change(`removing port ${port} from network ${record.network}`, (libvirt) =>
        this.#remove(libvirt, record),
      );
      await this.#records.forget(port);
    });
  }

  async ports(): Promise<readonly PluggedPort[]> {
    return (await this.#records.all()).map(({ id, server, operation = null }) => ({ id, server, operation }));
  }

  async close(): Promise<void> {}

  /** The physical network of a flat one; undefined for one behind the host's address. */
  #physical({ network }: GuestPort): PhysicalNetwork | undefined {
    if (network.kind === 'nat') return undefined;
    const found = this.#options.physicalNetworks.get(network.physicalNetwork ?? '');
    if (found !== undefined) return found;
    throw new Failure('invalid', `The compute host has no physical network ${network.physicalNetwork}.`, {
      operatorText: `Network ${network.id} is on physical network ${network.physicalNetwork}, which [linux_bridge] bridge_mappings of this host does not name.`,
    });
  }

  /** By its id: two networks whose names are the same are not one, and libvirt refuses the second. */
  async #ensureNetwork(libvirt: Libvirt, port: GuestPort): Promise<void> {
    const uuid = port.network.id;
    const found = await unless('ERR_NO_NETWORK', libvirt.networkLookupByUUID({ uuid }));
    const network = found ?? (await this.#defineNetwork(libvirt, port));
    if (!(await libvirt.networkIsActive({ network }))) await libvirt.networkCreate({ network });
    if (port.network.kind === 'nat') await setDhcpHost(libvirt, network, port);
  }

  async #defineNetwork(libvirt: Libvirt, port: GuestPort): Promise<Network> {
    const on = this.#physical(port);
    const xml =
      on === undefined
        ? natNetworkXml(port.network, dhcpHostOf(port))
        : bridgedNetworkXml(port.network, on.name);
    const network = await libvirt.networkDefineXML({ xml });
    await libvirt.networkSetAutostart({ network, autostart: true });
    return network;
  }

  /** The filter and the DHCP entry, and the network after its last port. */
  async #remove(libvirt: Libvirt, { id, network: name, isOurs, mac }: PortRecord): Promise<void> {
    const filter = await unless('ERR_NO_NWFILTER', libvirt.nwfilterLookupByUUID({ uuid: id }));
    if (filter !== undefined) await unless('ERR_NO_NWFILTER', libvirt.nwfilterUndefine({ nwfilter: filter }));
    const network = isOurs ? await find(libvirt, name) : undefined;
    if (network === undefined) return;
    const others = (await this.#records.all()).some((other) => other.network === name && other.id !== id);
    if (others) return removeDhcpHost(libvirt, network, mac);
    if (await libvirt.networkIsActive({ network })) await libvirt.networkDestroy({ network });
    await libvirt.networkUndefine({ network });
  }
}

function find(libvirt: Libvirt, name: string): Promise<Network | undefined> {
  return unless('ERR_NO_NETWORK', libvirt.networkLookupByName({ name }));
}

/** @throws {Failure} `invalid`, with the reason, when the host cannot give the port what it needs */
function assertAble({ network, rules }: GuestPort, { nat, filters }: NetworkAbilities): void {
  if (network.kind === 'nat' && nat !== true)
    throw new Failure('invalid', `The compute host cannot give servers the network ${network.name}.`, {
      operatorText: nat,
    });
  if (rules !== null && filters !== true)
    throw new Failure('invalid', 'The compute host cannot filter ports by security groups.', {
      operatorText: filters,
    });
}
