import { type OptionGroup, option } from '../option.ts';
import { integer } from '../types.ts';

/** `[api]`: nova/conf/api.py. */
export const apiGroup = {
  help: 'The HTTP APIs.',
  options: {
    max_limit: option({
      type: integer({ min: 1, max: 100_000 }),
      default: '1000',
      unit: 'items',
      help: 'The most items that one page of a list holds. A larger `limit` in a request is cut to it.',
    }),
  },
} as const satisfies OptionGroup;
