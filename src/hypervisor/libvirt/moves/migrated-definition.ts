import { type Domain, type Libvirt, migrateParams, type TypedParam, xmlFlags } from 'libvirt-rpc';

/** A disk's `<backingStore>` of one file, which is the last one, as libvirt writes it. */
const BASE =
  /<backingStore type='file'[^>]*>(?:(?!<\/?backingStore)[\s\S])*<backingStore\/>\s*<\/backingStore>/g;

/** A definition whose disks stand alone: `<backingStore/>` in place of each base. */
export function withoutBases(xml: string): string {
  return xml.replace(BASE, '<backingStore/>');
}

/**
 * What a guest's definitions are to be at the destination of a live migration that copies its disks: the
 * same, running and persistent, but for the bases below the disks. A copy is whole, and the base may not be
 * there.
 */
export async function definitionsOfCopies(libvirt: Libvirt, domain: Domain): Promise<TypedParam[]> {
  const read = (flags: number) =>
    libvirt.domainGetXMLDesc({ domain, flags: flags | xmlFlags.secure | xmlFlags.migratable });
  const live = await read(0);
  const persistent = await read(xmlFlags.inactive);
  return [
    { field: migrateParams.destinationXml, type: 'string', value: withoutBases(live) },
    { field: migrateParams.persistentXml, type: 'string', value: withoutBases(persistent) },
  ];
}
