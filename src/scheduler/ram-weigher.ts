import type { Weigher } from './filter.ts';

/** Prefers hosts with more free memory (nova/scheduler/weights/ram.py RAMWeigher). */
export const ramWeigher: Weigher = {
  option: 'ram_weight_multiplier',
  weightFor() {
    return ({ host, used }) => host.capacity.memoryMb - used.ramMb;
  },
};
