import { Failure } from '../../model/failure.ts';
import type { ComputeHost } from '../../model/host.ts';
import type { HostName } from '../../model/ids.ts';
import type { Queries } from '../../store/promise/store.ts';

/**
 * The hosts that a preview is of.
 * @param name of the only one; undefined: all
 * @throws {Failure} `not-found` for an unknown host
 */
export async function hostsToPreview(
  { hosts }: Pick<Queries, 'hosts'>,
  name: string | undefined,
): Promise<readonly ComputeHost[]> {
  if (name === undefined) return hosts.list();
  const host = await hosts.find(name as HostName);
  if (host === undefined) throw new Failure('not-found', `Compute host ${name} could not be found.`);
  return [host];
}
