import { type OptionGroup, option } from '../option.ts';
import { absolutePath, integer } from '../types.ts';

/** `[image]`: of the built-in Image API. */
export const imageGroup = {
  help: 'The built-in Image API.',
  options: {
    filesystem_store_datadir: option({
      type: absolutePath(),
      default: '$state_path/images',
      from: 'Nameplate',
      help: 'Folder of image data. Replicas of the control plane share it: on one machine as the same folder, on several as a shared file system. Glance has the same name in `[glance_store]`.',
    }),
    max_size: option({
      type: integer({ min: 1 }),
      default: '1099511627776',
      unit: 'bytes',
      from: 'Nameplate',
      help: 'Maximum size of an uploaded image. Glance calls this `image_size_cap`, with the same default of 1 TiB.',
    }),
  },
} as const satisfies OptionGroup;
