import { hasText, readAt } from './image-bytes.ts';
import type { Inspector } from './inspector.ts';

const FOOTER_LENGTH = 512;
const DISK_TYPE = 60;
const DYNAMIC = 3;

/**
 * VHD of the growing kind, which has a copy of its footer in front. One of fixed size is raw content to all
 * that read from the start.
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
