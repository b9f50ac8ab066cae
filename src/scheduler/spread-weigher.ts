import type { Weigher } from './filter.ts';

/** By how many servers a host has: with a negative multiplier servers are spread, with a positive one they are packed (nova/scheduler/weights/num_instances.py). */
export const spreadWeigher: Weigher = {
  option: 'num_instances_weight_multiplier',
  weightFor() {
    return ({ used }) => used.instances;
  },
};
