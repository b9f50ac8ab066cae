import type { Filter } from './filter.ts';

/**
 * Passes only the requested host, if one was requested. All other filters apply to it too; Nova lets
 * `zone:host` pass unchecked.
 */
export const requestedHostFilter: Filter = {
  name: 'RequestedHostFilter',
  onRebuild: false,
  testFor({ host: named }) {
    if (named === null) return undefined;
    const why = `The server must go to host ${named}.`;
    return ({ host }) => (host.name === named ? undefined : why);
  },
};
