import type { Aggregate } from './aggregate.ts';
import type { ComputeHost } from './host.ts';
import type { HostName } from './ids.ts';

/** The aggregate metadata key that holds the availability zone of the aggregate's hosts. */
export const ZONE_KEY = 'availability_zone';

/** The availability zone of an aggregate, or null. */
export function zoneOfAggregate({ metadata }: Pick<Aggregate, 'metadata'>): string | null {
  return metadata[ZONE_KEY] ?? null;
}

/**
 * The availability zone of each host: the zone of one of its aggregates, else the zone that its agent reports
 * (`[DEFAULT] default_availability_zone`). The API refuses to put a host into two zones. If a host is in two
 * all the same, the oldest aggregate counts (nova/availability_zones.py get_host_availability_zone).
 */
export function zonesOf(
  hosts: readonly Pick<ComputeHost, 'name' | 'zone'>[],
  aggregates: readonly Pick<Aggregate, 'number' | 'hosts' | 'metadata'>[],
): ReadonlyMap<HostName, string> {
  const zones = new Map<HostName, string>();
  for (const aggregate of aggregates.toSorted((a, b) => a.number - b.number)) {
    const zone = zoneOfAggregate(aggregate);
    if (zone !== null) for (const host of aggregate.hosts) if (!zones.has(host)) zones.set(host, zone);
  }
  return new Map(hosts.map(({ name, zone }) => [name, zones.get(name) ?? zone]));
}

/** The hosts with their availability zones from {@link zonesOf}. */
export function inTheirZones<Host extends Pick<ComputeHost, 'name' | 'zone'>>(
  hosts: readonly Host[],
  aggregates: readonly Pick<Aggregate, 'number' | 'hosts' | 'metadata'>[],
): Host[] {
  const zones = zonesOf(hosts, aggregates);
  return hosts.map((host) => ({ ...host, zone: zones.get(host.name) ?? host.zone }));
}
