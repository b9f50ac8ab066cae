import { type OptionGroup, option } from '../option.ts';
import { integer } from '../types.ts';

/** `[identity]`: of the built-in Identity API. */
export const identityGroup = {
  help: 'The built-in Identity API.',
  options: {
    token_expiration: option({
      type: integer({ min: 60, max: 31_536_000 }),
      default: '3600',
      unit: 'seconds',
      from: 'Nameplate',
      help: 'Lifetime of a token. Keystone calls this `[token] expiration`, with the same default.',
    }),
  },
} as const satisfies OptionGroup;
