import type { Weigher } from './filter.ts';

/**
 * Weighs hosts by their number of servers: a negative multiplier spreads servers, a positive one packs them
 * (nova/scheduler/weights/num_instances.py NumInstancesWeigher).
 */
export const spreadWeigher: Weigher = {
  option: 'num_instances_weight_multiplier',
  weightFor() {
    return ({ used }) => used.instances;
  },
};
