import { readAt } from './image-bytes.ts';
import type { Inspector } from './inspector.ts';

/** The first volume descriptor's identifier, after sixteen empty sectors (ISO 9660, and the two of UDF). */
const IDENTIFIER_OFFSET = 16 * 2048 + 1;
const IDENTIFIERS = ['CD001', 'NSR02', 'NSR03'];

/** An optical disc's image. */
export const iso: Inspector = {
  format: 'iso',
  async matches(image) {
    return IDENTIFIERS.includes((await readAt(image, IDENTIFIER_OFFSET, 5)).toString('latin1'));
  },
  danger: async () => null,
};
