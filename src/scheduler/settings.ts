/** Filters that operators can enable, by Nova's names. */
export const FILTER_NAMES = [
  'ComputeFilter',
  'ComputeCapabilitiesFilter',
  'ImagePropertiesFilter',
  'ServerGroupAntiAffinityFilter',
  'ServerGroupAffinityFilter',
  'AggregateInstanceExtraSpecsFilter',
  'AggregateImagePropertiesIsolation',
] as const;
export type FilterName = (typeof FILTER_NAMES)[number];

/** Weighers, each with a multiplier. */
export type WeigherName = 'ram' | 'numInstances' | 'softAffinity' | 'softAntiAffinity' | 'serialStability';

/** Limits that operators set. */
export interface SchedulerLimits {
  readonly cpuAllocationRatio: number;
  readonly ramAllocationRatio: number;
  readonly diskAllocationRatio: number;
  readonly reservedMemoryMb: number;
  readonly reservedDiskGb: number;
  /** Milliseconds without a report after which a host counts as down. */
  readonly serviceDownMs: number;
}

/** All scheduling settings. */
export interface SchedulerSettings extends SchedulerLimits {
  /** `[filter_scheduler] enabled_filters`. The mandatory filters run also when they are not listed. */
  readonly enabledFilters: readonly FilterName[];
  /** `[filter_scheduler] …_weight_multiplier` */
  readonly multipliers: Readonly<Record<WeigherName, number>>;
}
