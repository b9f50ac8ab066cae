import { type OptionGroup, option } from '../option.ts';
import { integer } from '../types.ts';

/** `[api]`: nova/conf/api.py osapi_opts. */
export const apiGroup = {
  help: 'The HTTP APIs.',
  options: {
    max_limit: option({
      type: integer({ min: 1, max: 100_000 }),
      default: '1000',
      unit: 'items',
      help: 'The most items that one page of a list holds. A larger `limit` in a request is cut to it.',
    }),
    max_cached_json: option({
      type: integer({ min: 0, max: 4096 }),
      default: '16',
      unit: 'MiB',
      from: 'Nameplate',
      help: 'The memory for answers that are kept as text: half of it for pages of server lists, half for single servers. Only what has not changed is sent from there, so it saves time alone. `GET /nameplate/v1/caches` counts.',
    }),
    max_cached_tokens: option({
      type: integer({ min: 0, max: 1_000_000 }),
      default: '20000',
      unit: 'tokens',
      from: 'Nameplate',
      help: 'How many verified tokens are remembered, each for 5 seconds: a token that is used again within that time costs no query.',
    }),
    max_servers_per_request: option({
      type: integer({ min: 1, max: 1000 }),
      default: '100',
      unit: 'servers',
      from: 'Nameplate',
      help: 'The most servers that one request makes, also where the quota is unlimited. A larger `min_count` is refused; of a larger `max_count` as many are made. Nova has the quota alone.',
    }),
  },
} as const satisfies OptionGroup;
