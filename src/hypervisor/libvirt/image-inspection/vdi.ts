import { readAt } from './image-bytes.ts';
import type { Inspector } from './inspector.ts';

const SIGNATURE = 0xbeda107f;
const HEADER_LENGTH = 0x200;
/** Dynamic and fixed images, which are complete. Other types are differences to another image. */
const WHOLE_TYPES = [1, 2];
/** UUIDs of the parent image and of its state (VirtualBox src/VBox/Storage/VDICore.h, VDIHEADER1). */
const LINKS = { from: 0x1a8, to: 0x1c8 };

/** VirtualBox's disk image. */
export const vdi: Inspector = {
  format: 'vdi',
  async matches(image) {
    const bytes = await readAt(image, 0x40, 4);
    return bytes.length === 4 && bytes.readUInt32LE(0) === SIGNATURE;
  },
  async danger(image) {
    const header = await readAt(image, 0, HEADER_LENGTH);
    if (header.length < HEADER_LENGTH) return 'has a VDI header that is cut off';
    const isWhole = WHOLE_TYPES.includes(header.readUInt32LE(0x4c));
    const isLinked = header.subarray(LINKS.from, LINKS.to).some((byte) => byte !== 0);
    return isWhole && !isLinked ? null : 'has a parent image';
  },
};
