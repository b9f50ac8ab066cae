import type { ComputeHost } from '../../model/host.ts';
import { type Route, route } from '../http/route.ts';
import { isUp } from './host-state.ts';
import { COMPUTE_BINARY } from './service-view.ts';
import { zones, zonesInDetail } from './small-shapes.ts';
import { plainTime } from './times.ts';
import { zonedHosts } from './zoned-hosts.ts';

/**
 * A zone with its hosts. It is available if any of them is enabled (nova/availability_zones.py
 * get_availability_zones).
 */
interface Zone {
  readonly name: string;
  readonly enabled: readonly ComputeHost[];
}

/** Available zones first, as in Nova. */
function zonesAmong(hosts: readonly ComputeHost[]): Zone[] {
  const zones = [...Map.groupBy(hosts, (host) => host.zone)].map(([name, members]) => ({
    name,
    enabled: members.filter(({ status }) => status === 'enabled'),
  }));
  return zones.toSorted(
    (a, b) => Number(b.enabled.length > 0) - Number(a.enabled.length > 0) || a.name.localeCompare(b.name),
  );
}

function zoneView({ name, enabled }: Zone, hosts: object | null): object {
  return { zoneName: name, zoneState: { available: enabled.length > 0 }, hosts };
}

function hostsView(enabled: readonly ComputeHost[], up: (host: ComputeHost) => boolean): object | null {
  if (enabled.length === 0) return null;
  return Object.fromEntries(
    enabled.map((host) => [
      host.name,
      {
        [COMPUTE_BINARY]: { available: up(host), active: true, updated_at: plainTime(host.lastSeenAt) },
      },
    ]),
  );
}

/** https://docs.openstack.org/api-ref/compute/#availability-zones-os-availability-zone */
export const availabilityZoneRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/os-availability-zone',
    access: 'reader',
    policy: 'os_compute_api:os-availability-zone:list',
    summary: 'List availability zones',
    status: 200,
    response: zones,
    handle: async ({ parts }) => ({
      availabilityZoneInfo: zonesAmong(await zonedHosts(parts.store)).map((zone) => zoneView(zone, null)),
    }),
  }),
  route({
    method: 'GET',
    path: '/os-availability-zone/detail',
    access: 'admin',
    policy: 'os_compute_api:os-availability-zone:detail',
    summary: 'List availability zones with their hosts',
    status: 200,
    response: zonesInDetail,
    handle: async ({ parts }) => ({
      availabilityZoneInfo: zonesAmong(await zonedHosts(parts.store)).map((zone) =>
        zoneView(
          zone,
          hostsView(zone.enabled, (host) => isUp(host, parts)),
        ),
      ),
    }),
  }),
];
