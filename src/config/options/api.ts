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
      help: 'Maximum number of items on one page of a list. It also limits a larger `limit` of a request.',
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
      help: 'Maximum number of servers that one request creates, even with an unlimited quota. A larger `min_count` is refused, and a larger `max_count` is reduced to it. Nova has only the quota.',
    }),
  },
} as const satisfies OptionGroup;
