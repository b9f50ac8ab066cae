import { affinityFilter } from './affinity-filter.ts';
import { aggregateExtraSpecsFilter } from './aggregate-extra-specs-filter.ts';
import { aggregateImagePropertiesFilter } from './aggregate-image-properties-filter.ts';
import { antiAffinityFilter } from './anti-affinity-filter.ts';
import { capacityFilter } from './capacity-filter.ts';
import { computeCapabilitiesFilter } from './compute-capabilities-filter.ts';
import { computeFilter } from './compute-filter.ts';
import { cpuFilter } from './cpu-filter.ts';
import type { Filter } from './filter.ts';
import { hostSerialFilter } from './host-serial-filter.ts';
import { imagePropertiesFilter } from './image-properties-filter.ts';
import { networkFilter } from './network-filter.ts';
import { platformFilter } from './platform-filter.ts';
import { protocolFilter } from './protocol-filter.ts';
import { requestedHostFilter } from './requested-host-filter.ts';
import type { FilterName, SchedulerSettings } from './settings.ts';
import { uniqueSerialFilter } from './unique-serial-filter.ts';
import { zoneFilter } from './zone-filter.ts';

/**
 * Filters that always run. Without them servers would land on unusable or unrequested hosts. In Nova,
 * Placement does this for disabled hosts, zones and capacity.
 */
const ALWAYS: readonly Filter[] = [
  ...[requestedHostFilter, computeFilter, protocolFilter, zoneFilter],
  ...[uniqueSerialFilter, hostSerialFilter, platformFilter, cpuFilter, networkFilter],
];

/** Filters that `[filter_scheduler] enabled_filters` can enable, by Nova's names. */
const NAMED: Readonly<Record<FilterName, Filter>> = {
  ComputeFilter: computeFilter,
  ComputeCapabilitiesFilter: computeCapabilitiesFilter,
  ImagePropertiesFilter: imagePropertiesFilter,
  ServerGroupAntiAffinityFilter: antiAffinityFilter,
  ServerGroupAffinityFilter: affinityFilter,
  AggregateInstanceExtraSpecsFilter: aggregateExtraSpecsFilter,
  AggregateImagePropertiesIsolation: aggregateImagePropertiesFilter,
};

/** All enabled filters in order: first those that refuse most for the least work, last the capacity. */
export function filtersOf({ enabledFilters }: Pick<SchedulerSettings, 'enabledFilters'>): readonly Filter[] {
  return [...new Set<Filter>([...ALWAYS, ...enabledFilters.map((name) => NAMED[name]), capacityFilter])];
}

/** The owner's text of the filter with this name, if it has one. */
export function forOwnerOf(name: string): string | undefined {
  return [...ALWAYS, ...Object.values(NAMED), capacityFilter].find((filter) => filter.name === name)
    ?.forOwner;
}
