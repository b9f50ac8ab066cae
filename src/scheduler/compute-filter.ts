import type { Filter } from './filter.ts';

/** Passes hosts that are enabled and report (nova/scheduler/filters/compute_filter.py). */
export const computeFilter: Filter = {
  name: 'ComputeFilter',
  onRebuild: false,
  testFor(_wanted, { settings, now }) {
    return ({ host }) => {
      if (host.status === 'disabled')
        return `The host is disabled: ${host.disabledReason ?? 'no reason was given'}.`;
      if (host.forcedDown) return 'The host was forced down by an administrator.';
      const silentMs = now - host.lastSeenAt;
      if (silentMs > settings.serviceDownMs)
        return `The host has not reported for ${Math.round(silentMs / 1000)} s.`;
      return undefined;
    };
  },
};
