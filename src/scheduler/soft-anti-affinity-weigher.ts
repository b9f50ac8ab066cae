import type { Weigher } from './filter.ts';

/**
 * Prefers hosts with fewer servers of a `soft-anti-affinity` group (nova/scheduler/weights/affinity.py
 * ServerGroupSoftAntiAffinityWeigher).
 */
export const softAntiAffinityWeigher: Weigher = {
  option: 'soft_anti_affinity_weight_multiplier',
  weightFor({ group }) {
    if (group === null || group.policy !== 'soft-anti-affinity') return undefined;
    return ({ host }) => -(group.others.get(host.name) ?? 0);
  },
};
