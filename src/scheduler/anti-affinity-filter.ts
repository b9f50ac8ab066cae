import type { Filter } from './filter.ts';

/**
 * Passes hosts with fewer servers of the group than its limit per host
 * (nova/scheduler/filters/affinity_filter.py ServerGroupAntiAffinityFilter).
 */
export const antiAffinityFilter: Filter = {
  name: 'ServerGroupAntiAffinityFilter',
  onRebuild: false,
  testFor({ group }) {
    if (group === null || group.policy !== 'anti-affinity' || group.others.size === 0) return undefined;
    const most = group.maxServerPerHost ?? 1;
    return ({ host }) => {
      const has = group.others.get(host.name) ?? 0;
      if (has < most) return undefined;
      return `The host has ${has} of the servers of group ${group.name}; one host may have ${most}.`;
    };
  },
};
