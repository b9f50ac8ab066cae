import { type Domain, type Libvirt, migrateParams, type TypedParam, xmlFlags } from 'libvirt-rpc';

/** Matches libvirt's `<backingStore>` of a disk with a single backing file. */
const BASE =
  /<backingStore type='file'[^>]*>(?:(?!<\/?backingStore)[\s\S])*<backingStore\/>\s*<\/backingStore>/g;

/** The definition with `<backingStore/>` in place of each base. */
export function withoutBases(xml: string): string {
  return xml.replace(BASE, '<backingStore/>');
}

/**
 * A guest's running and persistent definition for the destination of a live migration that copies disks.
 * Only the bases are removed: a copied disk is complete, and the destination may not have the base.
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
