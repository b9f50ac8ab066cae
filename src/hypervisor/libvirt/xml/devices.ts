import type { GuestPlan } from '../../../model/guest.ts';
import type { DomainInputs } from './domain-inputs.ts';
import { element, type XmlElement } from './element.ts';
import type { Hardware } from './hardware.ts';
import { macAddressOf } from './mac-address.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/**
 * Gives target names (vda, sda, hda …) in turn, each bus with its own row, as nova/virt/libvirt/blockinfo.py
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
 * What lies below a disk, to the end. What is not said here libvirt looks for in the disk's header, as root,
 * and believes; a file that several guests share keeps its owner.
 */
function backingStore(base: string | null): XmlElement {
  if (base === null) return element('backingStore');
  return element('backingStore', { type: 'file' }, [
    element('format', { type: 'raw' }),
    element('source', { file: base }, [element('seclabel', { model: 'dac', relabel: 'no' })]),
    backingStore(null),
  ]);
}

function hardDisk(
  file: { path: string; format: string; base?: string | null },
  target: { dev: string; bus: string; cache: string },
): XmlElement {
  return element('disk', { type: 'file', device: 'disk' }, [
    element('driver', { name: 'qemu', type: file.format, cache: target.cache }),
    element('source', { file: file.path }),
    backingStore(file.base ?? null),
    element('target', { dev: target.dev, bus: target.bus }),
  ]);
}

function cdrom(path: string, target: { dev: string; bus: string }): XmlElement {
  return element('disk', { type: 'file', device: 'cdrom' }, [
    element('driver', { name: 'qemu', type: 'raw' }),
    element('source', { file: path }),
    backingStore(null),
    element('target', target),
    element('readonly'),
  ]);
}

function disks({ files, base, diskCache }: DomainInputs, hardware: Hardware): XmlElement[] {
  const name = targetNamer();
  const target = () => ({ dev: name(hardware.diskBus), bus: hardware.diskBus, cache: diskCache });
  const tray = () => ({ dev: name(hardware.cdromBus), bus: hardware.cdromBus });
  return [
    files.root.device === 'cdrom'
      ? cdrom(files.root.path, tray())
      : hardDisk({ ...files.root, base }, target()),
    ...(files.ephemeral === null ? [] : [hardDisk({ path: files.ephemeral, format: 'raw' }, target())]),
    ...(files.swap === null ? [] : [hardDisk({ path: files.swap, format: 'raw' }, target())]),
    ...(files.configDrive === null ? [] : [cdrom(files.configDrive, tray())]),
  ];
}

function networkInterface(
  plan: GuestPlan,
  network: DomainInputs['network'],
  hardware: Hardware,
): XmlElement | undefined {
  if (network.type === 'none') return undefined;
  return element('interface', { type: network.type }, [
    element('mac', { address: macAddressOf(plan.serverId) }),
    element('source', network.type === 'network' ? { network: network.name } : { bridge: network.name }),
    element('model', { type: hardware.vifModel }),
  ]);
}

/**
 * Seconds between two readings of the guest's memory statistics (nova/conf/libvirt.py
 * mem_stats_period_seconds).
 */
const MEMORY_STATS_PERIOD = '10';

/**
 * `<devices>`: disks, interface, serial console with its log, video if the image asks, random numbers, memory
 * balloon.
 */
export function devicesElement(inputs: DomainInputs, hardware: Hardware): XmlElement {
  const usesUsb = hardware.diskBus === 'usb' || hardware.cdromBus === 'usb';
  const rng = element('rng', { model: 'virtio' }, [element('backend', { model: 'random' }, '/dev/urandom')]);
  return element('devices', {}, [
    ...disks(inputs, hardware),
    networkInterface(inputs.plan, inputs.network, hardware),
    element('serial', { type: 'pty' }, [element('log', { file: inputs.files.consoleLog, append: 'on' })]),
    hardware.videoModel === 'none'
      ? undefined
      : element('video', {}, [element('model', { type: hardware.videoModel })]),
    hardware.rng ? rng : undefined,
    hardware.scsiModel === undefined
      ? undefined
      : element('controller', { type: 'scsi', index: '0', model: hardware.scsiModel }),
    // An idle emulated USB controller wakes its guest's process all the time.
    usesUsb ? undefined : element('controller', { type: 'usb', index: '0', model: 'none' }),
    element('memballoon', { model: 'virtio' }, [element('stats', { period: MEMORY_STATS_PERIOD })]),
  ]);
}
