import type { SmbiosNames } from '../../../model/machine-identity.ts';
import { element, type XmlElement } from '../../../model/xml-element.ts';

/** The values by which cloud-init recognises OpenStack, as in nova/version.py NOVA_VENDOR, NOVA_PRODUCT. */
const MANUFACTURER = 'OpenStack Foundation';
const PRODUCT = 'OpenStack Nova';
const FAMILY = 'Virtual Machine';

/**
 * Whether libvirt fills an SMBIOS table for guests of this architecture (nova/virt/libvirt/driver.py
 * _configure_guest_by_virt_type, i686 and x86_64).
 */
export function hasSmbios(arch: string): boolean {
  return arch === 'x86_64' || arch === 'i686';
}

/** The names in the SMBIOS system table of a new guest. @param version Nameplate's */
export function smbiosNames(version: string): SmbiosNames {
  return { manufacturer: MANUFACTURER, product: PRODUCT, version, family: FAMILY };
}

/** What the guest's SMBIOS system table is to say. */
export interface Sysinfo {
  readonly names: SmbiosNames;
  /** null: no serial entry */
  readonly serial: string | null;
  readonly uuid: string;
}

/** `<sysinfo>`, its entries in the order of nova/virt/libvirt/config.py LibvirtConfigGuestSysinfo. */
export function sysinfoElement({ names, serial, uuid }: Sysinfo): XmlElement {
  const entry = (name: string, value: string) =>
    value === '' ? undefined : element('entry', { name }, value);
  return element('sysinfo', { type: 'smbios' }, [
    element('system', {}, [
      entry('manufacturer', names.manufacturer),
      entry('product', names.product),
      entry('version', names.version),
      entry('serial', serial ?? ''),
      entry('uuid', uuid),
      entry('family', names.family),
    ]),
  ]);
}
