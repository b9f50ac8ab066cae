import type { Filter } from './filter.ts';

/** Passes only the host that was named, if one was. It is then checked like any other; Nova lets `zone:host` pass unchecked. */
export const requestedHostFilter: Filter = {
  name: 'RequestedHostFilter',
  onRebuild: false,
  testFor({ host: named }) {
    if (named === null) return undefined;
    const why = `The server must go to host ${named}.`;
    return ({ host }) => (host.name === named ? undefined : why);
  },
};
