import { type OptionGroup, option } from '../option.ts';
import { integer } from '../types.ts';

/** `[oslo_middleware]`: oslo_middleware/sizelimit.py. */
export const osloMiddlewareGroup = {
  help: 'What is common to the requests of all APIs.',
  options: {
    max_request_body_size: option({
      type: integer({ min: 16_384, max: 16_777_216 }),
      default: '1048576',
      unit: 'bytes',
      from: 'oslo.middleware',
      help: 'The largest JSON body that is taken; a larger one is answered with 413. The token request of the Identity API takes 32 KiB, image data is bounded by `[image] max_size`. The same option of Nova and Keystone has 114688 as default.',
    }),
  },
} as const satisfies OptionGroup;
