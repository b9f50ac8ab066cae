import { hasText, readAt } from './image-bytes.ts';
import type { Inspector } from './inspector.ts';

/** LUKS. Only version 1 is known, as in QEMU. */
export const luks: Inspector = {
  format: 'luks',
  matches: (image) => hasText(image, 0, 'LUKS\xba\xbe'),
  async danger(image) {
    const header = await readAt(image, 6, 2);
    const version = header.length < 2 ? 0 : header.readUInt16BE(0);
    return version === 1 ? null : `is LUKS of version ${version}, but only 1 is known`;
  },
};
