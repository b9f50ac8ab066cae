import { XMLParser } from 'fast-xml-parser';
import type { GuestCpu } from '../../../model/guest-cpu.ts';
import type { GuestPlatforms } from '../../../model/host.ts';
import { node, nodes, textOf, type XmlNode } from '../../../model/xml-node.ts';
import { readCpu } from '../xml/read-cpu.ts';
import { hasSmbios } from '../xml/sysinfo.ts';

/** Content of libvirt's capabilities of a host (formatcaps.html). */
export interface Capabilities {
  /** The host UUID, lower case; null when there is none. */
  readonly hostUuid: string | null;
  readonly arch: string;
  /** Nova's `cpu_info`. */
  readonly cpu: Readonly<Record<string, unknown>>;
  /** Virtualization types for guests of the host's architecture. */
  readonly virtTypes: readonly string[];
  /** QEMU's machine types for the host's architecture. */
  readonly machineTypes: readonly string[];
  /** The program that runs guests of the host's architecture. */
  readonly emulator: string | null;
  /** The user of QEMU processes, if libvirt sets one; null where QEMU runs as libvirtd does. */
  readonly qemuUser: { readonly uid: number; readonly gid: number } | null;
}

const LISTS = new Set([
  'guest',
  'domain',
  'secmodel',
  'baselabel',
  'feature',
  'cell',
  'machine',
  'mode',
  'enum',
  'value',
]);
const parser = new XMLParser({
  ignoreAttributes: false,
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (name) => LISTS.has(name),
});

/** The texts of elements, with or without attributes. */
function texts(value: unknown): string[] {
  const all: unknown[] = Array.isArray(value) ? value : [];
  return all.flatMap((each) => textOf(each) ?? []);
}

function cpuInfo(host: XmlNode, arch: string): Capabilities['cpu'] {
  const cpu = node(host.cpu);
  const topology = node(cpu.topology);
  const count = (name: string) => Number(topology[`@_${name}`] ?? 1);
  return {
    arch,
    model: textOf(cpu.model),
    vendor: textOf(cpu.vendor),
    topology: {
      cells: Math.max(1, nodes(node(node(host.topology).cells).cell).length),
      sockets: count('sockets'),
      cores: count('cores'),
      threads: count('threads'),
    },
    features: nodes(cpu.feature)
      .map((feature) => feature['@_name'])
      .toSorted(),
  };
}

function qemuUserOf(host: XmlNode): Capabilities['qemuUser'] {
  const dac = nodes(host.secmodel).find((model) => model.model === 'dac');
  const labels = nodes(dac?.baselabel).filter((label) => ['qemu', 'kvm'].includes(String(label['@_type'])));
  const numbers = /^\+(\d+):\+(\d+)$/.exec(String(labels[0]?.['#text'] ?? ''));
  return numbers === null ? null : { uid: Number(numbers[1]), gid: Number(numbers[2]) };
}

/** Parses libvirt's capabilities document. */
export function parseCapabilities(xml: string): Capabilities {
  const capabilities = node(node(parser.parse(xml)).capabilities);
  const host = node(capabilities.host);
  const arch = textOf(node(host.cpu).arch) ?? 'x86_64';
  const guest = nodes(capabilities.guest).find(
    (candidate) => candidate.os_type === 'hvm' && node(candidate.arch)['@_name'] === arch,
  );
  const guestArch = node(guest?.arch);
  return {
    hostUuid: textOf(host.uuid)?.toLowerCase() ?? null,
    arch,
    cpu: cpuInfo(host, arch),
    virtTypes: nodes(guestArch.domain).map((domain) => String(domain['@_type'])),
    machineTypes: texts(guestArch.machine),
    emulator: textOf(guestArch.emulator),
    qemuUser: qemuUserOf(host),
  };
}

/**
 * The firmware types in libvirt's domain capabilities (formatdomaincaps.html). On x86, QEMU itself has a
 * BIOS.
 */
export function parseFirmware(xml: string): GuestPlatforms['firmware'] {
  const capabilities = node(node(parser.parse(xml)).domainCapabilities);
  const enums = nodes(node(capabilities.os).enum);
  const offered = texts(enums.find((each) => each['@_name'] === 'firmware')?.value);
  const efi = offered.includes('efi') ? (['uefi'] as const) : [];
  const hasBios = offered.includes('bios') || hasSmbios(textOf(capabilities.arch) ?? '');
  return hasBios ? ['bios', ...efi] : efi;
}

/** The model that libvirt's domain capabilities name as the nearest to what guests can have; null: none. */
export function parseHostModel(xml: string): Omit<GuestCpu, 'all'> | null {
  const capabilities = node(node(parser.parse(xml)).domainCapabilities);
  const modes = nodes(node(capabilities.cpu).mode);
  const hostModel = modes.find((mode) => mode['@_name'] === 'host-model');
  return hostModel === undefined ? null : readCpu(hostModel);
}
