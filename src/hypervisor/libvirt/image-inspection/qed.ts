import { hasText } from './image-bytes.ts';
import type { Inspector } from './inspector.ts';

/** QED: a format that QEMU itself gave up; always refused. */
export const qed: Inspector = {
  format: 'qed',
  matches: (image) => hasText(image, 0, 'QED\0'),
  danger: async () => 'is QED, which is not accepted',
};
