import type { Filter } from './filter.ts';

/** Passes hosts of the requested zone (nova/scheduler/request_filter.py map_az_to_placement_aggregate). */
export const zoneFilter: Filter = {
  name: 'AvailabilityZoneFilter',
  onRebuild: false,
  testFor({ zone }) {
    if (zone === null) return undefined;
    return ({ host }) =>
      host.zone === zone
        ? undefined
        : `The host is in zone ${host.zone}; the server must go to zone ${zone}.`;
  },
};
