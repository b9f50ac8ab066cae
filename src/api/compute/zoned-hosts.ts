import type { ComputeHost } from '../../model/host.ts';
import { inTheirZones } from '../../model/zone.ts';
import type { Queries } from '../../store/promise/store.ts';

/** All compute hosts with their availability zones, in the order of their registration. */
export async function zonedHosts(store: Queries): Promise<ComputeHost[]> {
  const [hosts, aggregates] = await Promise.all([store.hosts.list(), store.aggregates.list()]);
  return inTheirZones(hosts, aggregates).toSorted((a, b) => a.number - b.number);
}
