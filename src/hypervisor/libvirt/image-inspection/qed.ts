import { hasText } from './image-bytes.ts';
import type { Inspector } from './inspector.ts';

/** QED. Always refused: QEMU itself has abandoned it. */
export const qed: Inspector = {
  format: 'qed',
  matches: (image) => hasText(image, 0, 'QED\0'),
  danger: async () => 'is QED, which is not accepted',
};
