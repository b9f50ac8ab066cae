import { readAt } from './image-bytes.ts';
import type { Inspector } from './inspector.ts';

const SIGNATURE = 0xbeda107f;

/** VirtualBox's disk image. */
export const vdi: Inspector = {
  format: 'vdi',
  async matches(image) {
    const bytes = await readAt(image, 0x40, 4);
    return bytes.length === 4 && bytes.readUInt32LE(0) === SIGNATURE;
  },
  danger: async () => null,
};
