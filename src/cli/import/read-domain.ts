import { XMLParser } from 'fast-xml-parser';
import { Failure } from '../../model/failure.ts';
import { type SmbiosNames, smbiosTexts } from '../../model/machine-identity.ts';
import { attribute, node, nodes, textOf, type XmlNode } from '../../model/xml-node.ts';

/** A libvirt domain, as far as a server can be the same. */
export interface ForeignDomain {
  readonly name: string;
  readonly uuid: string;
  readonly memoryMb: number;
  readonly vcpus: number;
  readonly machineType: string;
  readonly smbios: SmbiosNames;
  /** null: the guest reads none. Undefined: it reads that of its host. */
  readonly serial: string | null | undefined;
  readonly macs: readonly string[];
  readonly disk: { readonly path: string; readonly format: 'raw' | 'qcow2'; readonly serial: string | null };
  /** Properties that an image of its disk needs, so that the server has the same devices. */
  readonly properties: Readonly<Record<string, string>>;
  /** What a server will not have, as sentences. */
  readonly lost: readonly string[];
}

const parser = new XMLParser({
  ignoreAttributes: false,
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (name) =>
    ['disk', 'interface', 'controller', 'entry', 'hostdev', 'filesystem', 'tpm'].includes(name),
});
/** Visible to the guest of a virtio disk; libvirt takes longer ones. */
const VIRTIO_SERIAL = 20;
const KIB: Readonly<Record<string, number>> = {
  b: 1 / 1024,
  KiB: 1,
  k: 1,
  MiB: 1024,
  M: 1024,
  GiB: 1024 ** 2,
  G: 1024 ** 2,
};

/**
 * Reads a domain's inactive definition. Pure.
 * @throws {Failure} `invalid` when no server can be like it
 */
export function readDomain(xml: string): ForeignDomain {
  const domain = node(node(parser.parse(xml)).domain);
  const name = String(domain.name);
  const devices = node(domain.devices);
  const refuse = (why: string) => new Failure('invalid', `Domain ${name} cannot be imported: ${why}.`);
  for (const kind of ['hostdev', 'filesystem', 'tpm'])
    if (nodes(devices[kind]).length > 0)
      throw refuse(`it has a <${kind}> device, which a server cannot have`);
  const os = node(domain.os);
  if (os.kernel !== undefined)
    throw refuse('it boots a kernel from a file of its host (<kernel>); install a boot loader');
  const disks = nodes(devices.disk).filter((disk) => (attribute(disk, 'device') ?? 'disk') === 'disk');
  if (disks.length !== 1)
    throw refuse(
      `it has ${disks.length} disks, and a server takes over exactly one; detach the others (virsh detach-disk)`,
    );
  const disk = diskOf(disks[0] as XmlNode, refuse);
  const interfaces = nodes(devices.interface);
  const removable = nodes(devices.disk).length - disks.length;
  const isUefi = attribute(os, 'firmware') === 'efi' || attribute(node(os.loader), 'type') === 'pflash';
  return {
    name,
    uuid: String(domain.uuid).toLowerCase(),
    memoryMb: Math.ceil(
      (Number(textOf(domain.memory)) * (KIB[attribute(node(domain.memory), 'unit') ?? 'KiB'] ?? 1)) / 1024,
    ),
    vcpus: Number(textOf(domain.vcpu)),
    machineType: attribute(node(os.type), 'machine') ?? '',
    ...smbiosOf(domain),
    macs: interfaces.map((each) => attribute(node(each.mac), 'address') ?? ''),
    disk: disk.file,
    properties: {
      hw_disk_bus: disk.bus,
      ...scsiModel(disk.bus, nodes(devices.controller)),
      ...vifModel(interfaces),
      ...(isUefi && { hw_firmware_type: 'uefi' }),
    },
    lost: [
      ...(removable > 0 ? [`${removable} CD-ROM or floppy drives`] : []),
      ...(isUefi ? ['the UEFI variables: the firmware starts with new ones'] : []),
    ],
  };
}

function diskOf(disk: XmlNode, refuse: (why: string) => Failure) {
  const source = node(disk.source);
  const path = attribute(source, 'file') ?? attribute(source, 'dev');
  if (path === null)
    throw refuse(`its disk is of type ${attribute(disk, 'type')}; accepted are file and block`);
  const format = attribute(node(disk.driver), 'type') ?? 'raw';
  if (format !== 'raw' && format !== 'qcow2')
    throw refuse(`its disk has format ${format}; accepted are raw and qcow2`);
  if (source.encryption !== undefined || disk.encryption !== undefined) throw refuse('its disk is encrypted');
  const bus = attribute(node(disk.target), 'bus') ?? 'virtio';
  const serial = typeof disk.serial === 'string' ? disk.serial : null;
  if (serial !== null && serial.length > VIRTIO_SERIAL && bus !== 'virtio')
    throw refuse(
      `the serial of its disk, ${serial.slice(0, 64)}, is longer than ${VIRTIO_SERIAL} characters`,
    );
  return {
    bus,
    file: { path, format: format as 'raw' | 'qcow2', serial: serial?.slice(0, VIRTIO_SERIAL) ?? null },
  };
}

/** What is not in the definition, the guest reads from the emulator, and will again. */
function smbiosOf(domain: XmlNode): Pick<ForeignDomain, 'smbios' | 'serial'> {
  const mode = attribute(node(node(domain.os).smbios), 'mode');
  const entries = mode === 'sysinfo' ? nodes(node(node(domain.sysinfo).system).entry) : [];
  const entry = (name: string) => textOf(entries.find((each) => each['@_name'] === name)) ?? '';
  return { smbios: smbiosTexts(entry), serial: mode === 'host' ? undefined : entry('serial') || null };
}

function scsiModel(bus: string, controllers: readonly XmlNode[]): Record<string, string> {
  if (bus !== 'scsi') return {};
  const model = controllers
    .map((each) => (attribute(each, 'type') === 'scsi' ? attribute(each, 'model') : null))
    .find(Boolean);
  return model ? { hw_scsi_model: model } : {};
}

function vifModel(interfaces: readonly XmlNode[]): Record<string, string> {
  const model = interfaces.map((each) => attribute(node(each.model), 'type')).find(Boolean);
  return model ? { hw_vif_model: model } : {};
}
