import type { Filter } from './filter.ts';

/** Passes hosts of the zone, and the host, that were asked for (nova/scheduler/request_filter.py map_az_to_placement_aggregate). */
export const zoneFilter: Filter = {
  name: 'AvailabilityZoneFilter',
  refuses(wanted, { host }) {
    if (wanted.host !== null && wanted.host !== host.name)
      return `The server must go to host ${wanted.host}.`;
    if (wanted.zone !== null && wanted.zone !== host.zone)
      return `The host is in zone ${host.zone}; the server must go to zone ${wanted.zone}.`;
    return undefined;
  },
};
