import { type GuestIdentity, valuesOf } from '../lab/guest-identity.ts';
import type { TableValue } from './identity-table.ts';

/** Texts of the SMBIOS tables beside serial and UUID; of the firmware's, only that it is the same. */
const SMBIOS_TEXTS = [
  ...['sys_vendor', 'product_name', 'product_version', 'product_family', 'product_sku'],
  ...['chassis_vendor', 'chassis_serial', 'chassis_asset_tag', 'bios_vendor', 'bios_version'],
];

/**
 * What a guest reads, value by value of the table; interfaces in the order of their names in the guest. Linux
 * looks at all IDE and SATA ports at once, so the disks behind them change names from boot to boot.
 */
export function readingOf(guest: GuestIdentity): Readonly<Record<TableValue, unknown>> {
  const value = (key: string) => guest.values.get(key);
  return {
    uuid: value('dmi.product_uuid'),
    serial: value('dmi.product_serial'),
    smbios: SMBIOS_TEXTS.map((name) => value(`dmi.${name}`)),
    machineType: value('dmi.chassis_version'),
    disks: valuesOf(guest, 'disk.', '.serial').sort(),
    macs: valuesOf(guest, 'nic.', '.mac'),
    addresses: valuesOf(guest, 'nic.', '.ip'),
    pci: [...guest.values].filter(([key]) => key.startsWith('pci.')),
    cpu: ['cpu.model', 'cpu.id', 'cpu.flags'].map(value),
    vcpus: value('cpu.count'),
  };
}
