import { basename } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import type { GuestCpu } from '../../../model/guest-cpu.ts';
import type { GuestReading } from '../../../model/guest-reading.ts';
import {
  type DiskRole,
  devicesOf,
  type GuestController,
  type GuestInterface,
  type MachineIdentity,
  type SmbiosNames,
  smbiosTexts,
  sortedControllers,
} from '../../../model/machine-identity.ts';
import { parseMac } from '../../../model/network/mac.ts';
import { attribute, node, nodes, type XmlNode } from '../../../model/xml-node.ts';
import { DISK_FILES } from '../disks/file-names.ts';
import { pciAddressText } from './pci-address.ts';
import { readCpu } from './read-cpu.ts';

const LISTS = new Set([
  'disk',
  'interface',
  'controller',
  'video',
  'rng',
  'memballoon',
  'graphics',
  'entry',
  'feature',
]);
const parser = new XMLParser({
  ignoreAttributes: false,
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (name) => LISTS.has(name),
});

const ROLES: Readonly<Record<string, DiskRole>> = {
  [DISK_FILES.root]: 'root',
  [DISK_FILES.ephemeral]: 'ephemeral',
  [DISK_FILES.swap]: 'swap',
  [DISK_FILES.configDrive]: 'config',
};

/** Devices that a guest has one of, or that are told apart by their order. */
const NUMBERED = ['video', 'rng', 'memballoon'] as const;

/**
 * Reads what a guest is known by from its definition, as libvirt completed it: with the canonical machine
 * type and each device's place.
 */
export function readIdentity(xml: string): MachineIdentity {
  return identityOf(domainOf(xml));
}

/** Reads what a guest with a process was started with. @param xml its live definition */
export function readLiveGuest(xml: string): GuestReading {
  const domain = domainOf(xml);
  const uuid = typeof domain.uuid === 'string' ? domain.uuid : '';
  return {
    // A `<hwuuid>` is what the guest reads instead of the domain's UUID.
    uuid: typeof domain.hwuuid === 'string' ? domain.hwuuid : uuid,
    serial: systemEntry(domain, 'serial') ?? null,
    macs: nodes(node(domain.devices).interface).map((each) => attribute(node(each.mac), 'address') ?? ''),
    machine: identityOf(domain),
    cpu: cpuOf(domain),
  };
}

function cpuOf(domain: XmlNode): GuestCpu | null {
  const cpu = readCpu(node(domain.cpu));
  return cpu && { ...cpu, all: null };
}

function domainOf(xml: string): XmlNode {
  return node(node(parser.parse(xml)).domain);
}

function identityOf(domain: XmlNode): MachineIdentity {
  const devices = node(domain.devices);
  const disks = nodes(devices.disk).flatMap((disk) => {
    const role = ROLES[basename(attribute(node(disk.source), 'file') ?? '')];
    return role === undefined ? [] : [{ disk, role }];
  });
  const places: [key: string, device: XmlNode][] = [
    ...disks.map(({ disk, role }): [string, XmlNode] => [`disk/${role}`, disk]),
    ...nodes(devices.interface).map((each): [string, XmlNode] => [
      `interface/${attribute(node(each.mac), 'address') ?? ''}`,
      each,
    ]),
    ...NUMBERED.flatMap((kind) =>
      nodes(devices[kind]).map((each, index): [string, XmlNode] => [`${kind}/${index}`, each]),
    ),
  ];
  return {
    smbios: smbiosOf(domain),
    machineType: attribute(node(node(domain.os).type), 'machine') ?? '',
    diskSerials: Object.fromEntries(
      disks.flatMap(({ disk, role }) => (typeof disk.serial === 'string' ? [[role, disk.serial]] : [])),
    ),
    addresses: Object.fromEntries(
      places.flatMap(([key, device]) => {
        const address = pciAddressText(node(device.address));
        return address === undefined ? [] : [[key, address]];
      }),
    ),
    controllers: sortedControllers(nodes(devices.controller).map(controllerOf)),
    devices: devicesOf(nodes(devices.graphics).length > 0),
  };
}

/** The interfaces of a definition that are on a libvirt network or a bridge, in order. */
export function readInterfaces(xml: string): GuestInterface[] {
  const { devices } = node(node(parser.parse(xml)).domain);
  return nodes(node(devices).interface).flatMap((each) => {
    const mac = parseMac(attribute(node(each.mac), 'address') ?? '');
    const source = node(each.source);
    const network = attribute(source, 'network') ?? attribute(source, 'bridge');
    return mac === undefined || network === null ? [] : [{ mac, network }];
  });
}

/** null: the definition leaves the table to the emulator. An entry that is not there is an empty text. */
function smbiosOf(domain: XmlNode): SmbiosNames | null {
  if (nodes(node(node(domain.sysinfo).system).entry).length === 0) return null;
  return smbiosTexts((name) => systemEntry(domain, name) ?? '');
}

/** An entry of the SMBIOS system table; undefined: it has none. */
function systemEntry(domain: XmlNode, name: string): string | undefined {
  const entries = nodes(node(node(domain.sysinfo).system).entry);
  const value = entries.find((each) => each['@_name'] === name)?.['#text'];
  return typeof value === 'string' ? value : undefined;
}

function controllerOf(controller: XmlNode): GuestController {
  const target = Object.entries(node(controller.target)).flatMap(([name, value]) =>
    name.startsWith('@_') ? [[name.slice(2), String(value)] as const] : [],
  );
  return {
    type: attribute(controller, 'type') ?? '',
    index: Number(attribute(controller, 'index') ?? 0),
    model: attribute(controller, 'model'),
    modelName: attribute(node(controller.model), 'name'),
    target: Object.fromEntries(target),
    address: pciAddressText(node(controller.address)) ?? null,
  };
}
