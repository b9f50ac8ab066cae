import { XMLParser } from 'fast-xml-parser';

const parser = new XMLParser({ ignoreAttributes: false, parseTagValue: false });

/** The UEFI variables in a guest's definition. */
export interface DefinedVariables {
  readonly domainName: string;
  /** Their file; null: libvirt keeps them in its own folder, under the domain's name. */
  readonly file: string | null;
}

interface Definition {
  readonly domain?: {
    readonly name?: string;
    readonly os?: {
      readonly '@_firmware'?: string;
      readonly nvram?: string | { readonly '#text'?: string };
    };
  };
}

/** Reads where the UEFI variables of a guest are; null: its firmware is a BIOS. */
export function readVariables(xml: string): DefinedVariables | null {
  const { domain } = parser.parse(xml) as Definition;
  const nvram = domain?.os?.nvram;
  if (nvram === undefined && domain?.os?.['@_firmware'] !== 'efi') return null;
  const file = typeof nvram === 'string' ? nvram : nvram?.['#text'];
  return { domainName: domain?.name ?? '', file: file ?? null };
}
