import { isDown } from '../model/host-down.ts';
import type { Filter } from './filter.ts';

/** Passes hosts that are enabled and report (nova/scheduler/filters/compute_filter.py ComputeFilter). */
export const computeFilter: Filter = {
  name: 'ComputeFilter',
  onRebuild: false,
  testFor(_wanted, { settings }) {
    return ({ host }) => {
      if (host.status === 'disabled')
        return `The host is disabled: ${host.disabledReason ?? 'no reason was given'}.`;
      if (host.forcedDown) return 'The host was forced down by an administrator.';
      if (isDown(host, settings))
        return `The host has not reported for ${Math.round(host.silentMs / 1000)} s.`;
      return undefined;
    };
  },
};
