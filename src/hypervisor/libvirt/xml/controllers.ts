import type { GuestController } from '../../../model/machine-identity.ts';
import { element, type XmlElement } from '../../../model/xml-element.ts';
import type { DecidedIdentity } from './decided-identity.ts';
import type { Hardware } from './hardware.ts';
import type { PciAddresses } from './pci-address.ts';

/** Made by the machine type itself: a definition does not need to name them. */
const ROOTS = ['pci-root', 'pcie-root'];

/**
 * The `<controller>` elements: those that the hardware asks for, and those that libvirt added to an earlier
 * definition and that devices still need, each in its place.
 */
export function controllerElements(
  { controllers, hasScreen }: DecidedIdentity,
  hardware: Hardware,
  addresses: PciAddresses,
): XmlElement[] {
  const buses: readonly string[] = [hardware.diskBus, hardware.cdromBus];
  const isNeeded = ({ type, model }: GuestController) => {
    if (type === 'pci') return !ROOTS.includes(model ?? '');
    if (type === 'scsi') return hardware.scsiModel !== undefined || buses.includes(type);
    if (type === 'sata') return buses.includes(type);
    return type === 'virtio-serial' && hasScreen && hardware.guestAgent;
  };
  const held = controllers.filter(isNeeded).map((each) => {
    const model = each.type === 'scsi' ? (hardware.scsiModel ?? each.model) : each.model;
    return controllerElement({ ...each, model }, addresses);
  });
  const hasScsi = controllers.some(({ type, index }) => type === 'scsi' && index === 0);
  return [
    ...(hardware.scsiModel === undefined || hasScsi
      ? []
      : [element('controller', { type: 'scsi', index: '0', model: hardware.scsiModel })]),
    ...held,
    // An idle emulated USB controller wakes its guest's process all the time.
    ...(buses.includes('usb') ? [] : [element('controller', { type: 'usb', index: '0', model: 'none' })]),
  ];
}

function controllerElement(controller: GuestController, addresses: PciAddresses): XmlElement {
  const { type, index, model, modelName, target, address } = controller;
  return element('controller', { type, index: String(index), model: model ?? undefined }, [
    modelName === null ? undefined : element('model', { name: modelName }),
    Object.keys(target).length === 0 ? undefined : element('target', target),
    addresses.element(address),
  ]);
}
