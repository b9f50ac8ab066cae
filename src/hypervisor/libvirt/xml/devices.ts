import type { DiskRole } from '../../../model/machine-identity.ts';
import { element, textElement, type XmlElement } from '../../../model/xml-element.ts';
import { controllerElements } from './controllers.ts';
import type { DomainInputs } from './domain-inputs.ts';
import type { Hardware } from './hardware.ts';
import { interfaceElement } from './interface.ts';
import { macAddressOf } from './mac-address.ts';
import { PciAddresses } from './pci-address.ts';
import { screenElements } from './screen.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/**
 * Assigns target names (vda, sda, hda …) in sequence for each bus, as nova/virt/libvirt/blockinfo.py
 * find_disk_dev_for_disk_bus does.
 */
function targetNamer(): (bus: string) => string {
  const next = new Map<string, number>();
  return (bus) => {
    const prefix = bus === 'virtio' ? 'vd' : bus === 'ide' ? 'hd' : 'sd';
    const number = next.get(prefix) ?? 0;
    next.set(prefix, number + 1);
    return `${prefix}${LETTERS[number]}`;
  };
}

/**
 * The complete backing chain of a disk. Without it, libvirt would read the chain from the disk's header, as
 * root, and trust it. A file that several guests share keeps its owner.
 */
function backingStore(base: string | null): XmlElement {
  if (base === null) return element('backingStore');
  return element('backingStore', { type: 'file' }, [
    element('format', { type: 'raw' }),
    element('source', { file: base }, [element('seclabel', { model: 'dac', relabel: 'no' })]),
    backingStore(null),
  ]);
}

/** Where a disk is, and what the guest knows it by. */
interface DiskPlace {
  readonly dev: string;
  readonly bus: string;
  readonly serial: string | undefined;
  readonly address: XmlElement | undefined;
}

const serialElement = (serial: string | undefined) =>
  serial === undefined ? undefined : textElement('serial', serial);

function hardDisk(
  file: { path: string; format: string; base?: string | null; cache: string },
  place: DiskPlace,
): XmlElement {
  return element('disk', { type: 'file', device: 'disk' }, [
    element('driver', { name: 'qemu', type: file.format, cache: file.cache }),
    element('source', { file: file.path }),
    backingStore(file.base ?? null),
    element('target', { dev: place.dev, bus: place.bus }),
    serialElement(place.serial),
    place.address,
  ]);
}

function cdrom(path: string, place: DiskPlace): XmlElement {
  return element('disk', { type: 'file', device: 'cdrom' }, [
    element('driver', { name: 'qemu', type: 'raw' }),
    element('source', { file: path }),
    backingStore(null),
    element('target', { dev: place.dev, bus: place.bus }),
    element('readonly'),
    serialElement(place.serial),
    place.address,
  ]);
}

function disks(
  { files, base, diskCache: cache, identity }: DomainInputs,
  hardware: Hardware,
  addresses: PciAddresses,
): XmlElement[] {
  const name = targetNamer();
  const place = (role: DiskRole, bus: string): DiskPlace => ({
    ...{ dev: name(bus), bus, serial: identity.diskSerial(role) },
    address: bus === 'virtio' ? addresses.element(identity.addresses[`disk/${role}`]) : undefined,
  });
  const disk = (role: 'ephemeral' | 'swap') => {
    const path = files[role];
    return path === null ? [] : [hardDisk({ path, format: 'raw', cache }, place(role, hardware.diskBus))];
  };
  return [
    files.root.device === 'cdrom'
      ? cdrom(files.root.path, place('root', hardware.cdromBus))
      : hardDisk({ ...files.root, base, cache }, place('root', hardware.diskBus)),
    ...disk('ephemeral'),
    ...disk('swap'),
    ...(files.configDrive === null ? [] : [cdrom(files.configDrive, place('config', hardware.cdromBus))]),
  ];
}

/** One for each port; first, in servers of release 0.1, the one that the configuration gives. */
function interfaces(
  inputs: DomainInputs,
  hardware: Hardware,
  addresses: PciAddresses,
): (XmlElement | undefined)[] {
  const { attachments, identity, plan } = inputs;
  const isConfigured = attachments === undefined || plan.configuredInterface === true;
  return [
    isConfigured ? configuredInterface(inputs, hardware, addresses) : undefined,
    ...(attachments ?? []).map((attachment) => {
      const at = addresses.element(identity.addresses[`interface/${attachment.port.mac}`]);
      return interfaceElement(attachment, { vifModel: hardware.vifModel, at, tellsMtu: identity.hasScreen });
    }),
  ];
}

function configuredInterface(
  { plan, network, identity }: DomainInputs,
  hardware: Hardware,
  addresses: PciAddresses,
): XmlElement | undefined {
  if (network.type === 'none') return undefined;
  const mac = macAddressOf(plan.serverId);
  return element('interface', { type: network.type }, [
    element('mac', { address: mac }),
    element('source', network.type === 'network' ? { network: network.name } : { bridge: network.name }),
    element('model', { type: hardware.vifModel }),
    addresses.element(identity.addresses[`interface/${mac}`]),
  ]);
}

/**
 * Where a guest agent in the guest and libvirt talk (nova/virt/libvirt/driver.py
 * LibvirtDriver._set_qemu_guest_agent). libvirt chooses the socket on the host.
 */
const guestAgentChannel = element('channel', { type: 'unix' }, [
  element('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' }),
]);

/**
 * Seconds between readings of the guest's memory statistics (nova/conf/libvirt.py mem_stats_period_seconds).
 */
const MEMORY_STATS_PERIOD = '10';

/**
 * `<devices>`: disks, interfaces, serial console with its log, guest agent's channel, screen, random number
 * device, controllers, memory balloon.
 */
export function devicesElement(inputs: DomainInputs, hardware: Hardware): XmlElement {
  const { identity } = inputs;
  const controllersAt = identity.controllers.flatMap(({ address }) => address ?? []);
  const addresses = new PciAddresses([...Object.values(identity.addresses), ...controllersAt]);
  const at = (device: string) => addresses.element(identity.addresses[device]);
  const rng = element('rng', { model: 'virtio' }, [
    element('backend', { model: 'random' }, '/dev/urandom'),
    at('rng/0'),
  ]);
  return element('devices', {}, [
    ...disks(inputs, hardware, addresses),
    ...interfaces(inputs, hardware, addresses),
    element('serial', { type: 'pty' }, [element('log', { file: inputs.files.consoleLog, append: 'on' })]),
    identity.hasScreen && hardware.guestAgent ? guestAgentChannel : undefined,
    ...screenElements(hardware, { arch: inputs.arch, hasScreen: identity.hasScreen, at: at('video/0') }),
    hardware.rng ? rng : undefined,
    ...controllerElements(identity, hardware, addresses),
    element('memballoon', { model: 'virtio' }, [
      element('stats', { period: MEMORY_STATS_PERIOD }),
      at('memballoon/0'),
    ]),
  ]);
}
