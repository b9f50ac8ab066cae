import type { Filter } from './filter.ts';

/**
 * Passes hosts with a server of the group, unless no host has one (nova/scheduler/filters/affinity_filter.py
 * ServerGroupAffinityFilter).
 */
export const affinityFilter: Filter = {
  name: 'ServerGroupAffinityFilter',
  onRebuild: false,
  testFor({ group }) {
    if (group === null || group.policy !== 'affinity' || group.others.size === 0) return undefined;
    const why = `The host has no server of group ${group.name}, whose servers must be together.`;
    return ({ host }) => (group.others.has(host.name) ? undefined : why);
  },
};
