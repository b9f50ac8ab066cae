import { type OptionGroup, option } from '../option.ts';
import { integer } from '../types.ts';

/** `[image]`: of the built-in Image API. */
export const imageGroup = {
  help: 'The built-in Image API.',
  options: {
    max_size: option({
      type: integer({ min: 1 }),
      default: '1099511627776',
      unit: 'bytes',
      from: 'Nameplate',
      help: 'The largest image that can be uploaded. Glance calls this `image_size_cap`, with the same default of 1 TiB.',
    }),
  },
} as const satisfies OptionGroup;
