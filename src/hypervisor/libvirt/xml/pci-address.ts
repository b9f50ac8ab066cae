import { element, type XmlElement } from '../../../model/xml-element.ts';

const ADDRESS = /^([0-9a-f]{4}):([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$/;

/**
 * A PCI address as `lspci -D` writes it, from the attributes of libvirt's `<address>`; undefined for other
 * buses.
 */
export function pciAddressText(attributes: Readonly<Record<string, unknown>>): string | undefined {
  if (attributes['@_type'] !== 'pci') return undefined;
  const digits = (name: string, width: number) =>
    Number(attributes[`@_${name}`] ?? 0)
      .toString(16)
      .padStart(width, '0');
  return `${digits('domain', 4)}:${digits('bus', 2)}:${digits('slot', 2)}.${digits('function', 1)}`;
}

/**
 * `<address type='pci'>` for each of a guest's held addresses. Function 0 of a slot says `multifunction`
 * where another device has a further function of the slot.
 */
export class PciAddresses {
  readonly #held: ReadonlySet<string>;

  constructor(held: Iterable<string>) {
    this.#held = new Set(held);
  }

  /** undefined: libvirt chooses one. */
  element(text: string | null | undefined): XmlElement | undefined {
    const [, domain, bus, slot, fn] = ADDRESS.exec(text ?? '') ?? [];
    if (text === null || text === undefined || fn === undefined) return undefined;
    const shares =
      fn === '0' && [1, 2, 3, 4, 5, 6, 7].some((n) => this.#held.has(`${text.slice(0, -1)}${n}`));
    return element('address', {
      type: 'pci',
      domain: `0x${domain}`,
      bus: `0x${bus}`,
      slot: `0x${slot}`,
      function: `0x${fn}`,
      multifunction: shares ? 'on' : undefined,
    });
  }
}
