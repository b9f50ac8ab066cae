import { hasText } from './image-bytes.ts';
import type { Inspector } from './inspector.ts';

/**
 * Formats that QEMU's probing (`bdrv_probe` of block/*.c) would detect, and that no image can be declared
 * as.
 */
const MAGICS: readonly (readonly [string, number, string])[] = [
  ['cowd', 0, 'COWD'],
  ['parallels', 0, 'WithoutFreeSpace'],
  ['parallels', 0, 'WithouFreSpacExt'],
  ['bochs', 0, 'Bochs Virtual HD Image'],
  ['cloop', 0, '#!/bin/sh\n#V2.0 Format\nmodprobe cloop'],
  ['vmdk', 0, 'version=1\n'],
  ['vmdk', 0, 'version=2\n'],
];

/**
 * Content that a probing program would not take for raw. It is refused, so that safety does not depend on
 * the absence of probing.
 */
export const unaccepted: readonly Inspector[] = MAGICS.map(([name, offset, magic]) => ({
  format: 'unaccepted',
  matches: (image) => hasText(image, offset, magic),
  danger: async () => `could be read as ${name}, which is not accepted`,
}));
