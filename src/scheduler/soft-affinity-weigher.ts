import type { Weigher } from './filter.ts';

/**
 * Prefers hosts with more servers of a `soft-affinity` group (nova/scheduler/weights/affinity.py
 * ServerGroupSoftAffinityWeigher).
 */
export const softAffinityWeigher: Weigher = {
  option: 'soft_affinity_weight_multiplier',
  weightFor({ group }) {
    if (group === null || group.policy !== 'soft-affinity') return undefined;
    return ({ host }) => group.others.get(host.name) ?? 0;
  },
};
