import { inTheirZones } from '../../model/zone.ts';
import type { Route } from '../http/route.ts';
import { object, text, word } from '../http/shape.ts';
import { fixedListRoute } from './fixed-list.ts';
import type { Reading, View } from './resource.ts';

const shape = object(
  { name: text, resource: word('network'), state: word('available', 'unavailable') },
  'NetworkAvailabilityZone',
);

/** The zones of compute hosts, where the networks are too (neutron/extensions/availability_zone.py). */
export const availabilityZoneRoutes: readonly Route[] = [
  fixedListRoute({
    collection: 'availability_zones',
    path: '/availability_zones',
    access: 'reader',
    policy: 'get_availability_zone',
    summary: 'List availability zones',
    shape,
    filters: ['name', 'resource', 'state'],
    views: zoneViews,
  }),
];

async function zoneViews({ store }: Reading): Promise<View[]> {
  const hosts = inTheirZones(await store.hosts.list(), await store.aggregates.list());
  return [...Map.groupBy(hosts, ({ zone }) => zone)].map(([name, members]) => ({
    name,
    resource: 'network',
    state: members.some(({ status }) => status === 'enabled') ? 'available' : 'unavailable',
  }));
}
