import { affinityFilter } from './affinity-filter.ts';
import { aggregateExtraSpecsFilter } from './aggregate-extra-specs-filter.ts';
import { aggregateImagePropertiesFilter } from './aggregate-image-properties-filter.ts';
import { antiAffinityFilter } from './anti-affinity-filter.ts';
import { capacityFilter } from './capacity-filter.ts';
import { computeCapabilitiesFilter } from './compute-capabilities-filter.ts';
import { computeFilter } from './compute-filter.ts';
import type { Filter } from './filter.ts';
import { hostSerialFilter } from './host-serial-filter.ts';
import { imagePropertiesFilter } from './image-properties-filter.ts';
import { platformFilter } from './platform-filter.ts';
import { protocolFilter } from './protocol-filter.ts';
import { requestedHostFilter } from './requested-host-filter.ts';
import type { FilterName, SchedulerSettings } from './settings.ts';
import { uniqueSerialFilter } from './unique-serial-filter.ts';
import { zoneFilter } from './zone-filter.ts';

/**
 * Asked always, whatever the operator says: without them servers would go where they cannot be, or not be what was asked for. In Nova
 * Placement does the same for disabled hosts, zones and capacity.
 */
const ALWAYS: readonly Filter[] = [
  ...[requestedHostFilter, computeFilter, protocolFilter, zoneFilter],
  ...[uniqueSerialFilter, hostSerialFilter, platformFilter],
];

/** Those that `[filter_scheduler] enabled_filters` names, by Nova's names. */
const NAMED: Readonly<Record<FilterName, Filter>> = {
  ComputeFilter: computeFilter,
  ComputeCapabilitiesFilter: computeCapabilitiesFilter,
  ImagePropertiesFilter: imagePropertiesFilter,
  ServerGroupAntiAffinityFilter: antiAffinityFilter,
  ServerGroupAffinityFilter: affinityFilter,
  AggregateInstanceExtraSpecsFilter: aggregateExtraSpecsFilter,
  AggregateImagePropertiesIsolation: aggregateImagePropertiesFilter,
};

/** All filters that are asked, in their order: first what rules out most for the least work, last what is short. */
export function filtersOf({ enabledFilters }: Pick<SchedulerSettings, 'enabledFilters'>): readonly Filter[] {
  return [...new Set<Filter>([...ALWAYS, ...enabledFilters.map((name) => NAMED[name]), capacityFilter])];
}

/** What owners are told of the filter of this name, if anything. */
export function forOwnerOf(name: string): string | undefined {
  return [...ALWAYS, ...Object.values(NAMED), capacityFilter].find((filter) => filter.name === name)
    ?.forOwner;
}
