import { hasText, readAt } from './image-bytes.ts';
import type { Inspector } from './inspector.ts';

const FOOTER_LENGTH = 512;
const DISK_TYPE = 60;
const DYNAMIC = 3;

/**
 * Dynamic VHD, which begins with a copy of its footer. A fixed VHD is raw content for every program that
 * reads from the start.
 */
export const vhd: Inspector = {
  format: 'vhd',
  matches: (image) => hasText(image, 0, 'conectix'),
  async danger(image) {
    const footer = await readAt(image, 0, FOOTER_LENGTH);
    if (footer.length < FOOTER_LENGTH) return 'has a VHD footer that is cut off';
    const type = footer.readUInt32BE(DISK_TYPE);
    return type === DYNAMIC
      ? null
      : `is VHD of type ${type}, but only the dynamic one (${DYNAMIC}) is accepted`;
  },
};
