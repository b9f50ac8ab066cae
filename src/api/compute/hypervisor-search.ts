import { Failure } from '../../model/failure.ts';
import type { ComputeHost } from '../../model/host.ts';
import { isUuid } from '../../model/ids.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { Microversion } from '../http/microversion.ts';
import { requestedPage } from './paging.ts';

/**
 * The host with this id: a UUID from 2.53, before that a number.
 * @throws {Failure} `invalid`, `not-found`, with Nova's text
 */
export async function hypervisorOf(store: Queries, id: string, version: Microversion): Promise<ComputeHost> {
  if (version >= 53 && !isUuid(id.toLowerCase())) throw new Failure('invalid', `Invalid uuid ${id}`);
  const host = (await store.hosts.list()).find((one) => isNamed(one, id, version));
  if (host === undefined) throw new Failure('not-found', `Hypervisor with ID '${id}' could not be found.`);
  return host;
}

/**
 * Hosts whose hypervisor's name contains the text.
 * @throws {Failure} `not-found` when there are none
 */
export async function hypervisorsLike(store: Queries, pattern: string): Promise<ComputeHost[]> {
  const wanted = pattern.toLowerCase();
  const hosts = (await store.hosts.list()).filter((host) =>
    host.hypervisorHostname.toLowerCase().includes(wanted),
  );
  if (hosts.length === 0)
    throw new Failure('not-found', `No hypervisor matching '${pattern}' could be found.`);
  return hosts.toSorted((a, b) => a.number - b.number);
}

/** One page of hosts, in the order of their registration. @throws {Failure} `invalid` on an unknown marker */
export async function pageOfHosts(
  store: Queries,
  page: { readonly limit: string | undefined; readonly marker: string | undefined; readonly most: number },
  version: Microversion,
): Promise<{ readonly hosts: ComputeHost[]; readonly limit: number }> {
  const { limit, marker } = requestedPage(page, page.most);
  const all = (await store.hosts.list()).toSorted((a, b) => a.number - b.number);
  const at = marker === undefined ? -1 : all.findIndex((host) => isNamed(host, marker, version));
  if (marker !== undefined && at === -1) throw new Failure('invalid', `marker [${marker}] not found`);
  return { hosts: all.slice(at + 1, at + 1 + limit), limit };
}

function isNamed(host: ComputeHost, id: string, version: Microversion): boolean {
  return version >= 53 ? host.hypervisorId === id.toLowerCase() : String(host.number) === id;
}
