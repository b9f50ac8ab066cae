import { type OptionGroup, option } from '../option.ts';
import { integer } from '../types.ts';

/** `[oslo_middleware]`: oslo_middleware/sizelimit.py. */
export const osloMiddlewareGroup = {
  help: 'Options for the requests of all APIs.',
  options: {
    max_request_body_size: option({
      type: integer({ min: 16_384, max: 16_777_216 }),
      default: '1048576',
      unit: 'bytes',
      from: 'oslo.middleware',
      help: 'Maximum size of a JSON body. A larger one is answered with 413. Token requests of the Identity API are limited to 32 KiB, image data to `[image] max_size`. Nova and Keystone have the same option with the default 114688.',
    }),
  },
} as const satisfies OptionGroup;
