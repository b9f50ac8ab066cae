import { hasText } from './image-bytes.ts';
import type { Inspector } from './inspector.ts';

/** VHD of the growing kind, which has a copy of its footer in front. One of fixed size is raw content to all that read from the start. */
export const vhd: Inspector = {
  format: 'vhd',
  matches: (image) => hasText(image, 0, 'conectix'),
  danger: async () => null,
};

/** VHDX (MS-VHDX section 2.2.1). */
export const vhdx: Inspector = {
  format: 'vhdx',
  matches: (image) => hasText(image, 0, 'vhdxfile'),
  danger: async () => null,
};
