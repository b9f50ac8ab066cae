import { FILTER_NAMES, type SchedulerSettings } from '../../src/scheduler/settings.ts';

/** Everything a host has is given out once; all filters are asked; multipliers as by default. */
export const USUAL_SCHEDULING: SchedulerSettings = {
  ...{ cpuAllocationRatio: 1, ramAllocationRatio: 1, diskAllocationRatio: 1 },
  ...{ reservedMemoryMb: 0, reservedDiskGb: 0, serviceDownMs: 600_000 },
  enabledFilters: FILTER_NAMES,
  multipliers: { ram: 1, numInstances: 0, softAffinity: 1, softAntiAffinity: 1, serialStability: 2 },
};
