import type { ServerId } from '../../model/ids.ts';
import type { Server } from '../../model/server.ts';
import type { Store } from '../../store/promise/store.ts';

/** What tells which guest and which files of a server are still of use. */
export type KnownServer = Pick<
  Server,
  | 'id'
  | 'vmState'
  | 'taskState'
  | 'powerState'
  | 'host'
  | 'oldHost'
  | 'destHost'
  | 'diskSet'
  | 'oldDiskSet'
  | 'machine'
>;

/** A server that was deleted so long ago that its row is gone. */
function purgedServer(id: ServerId): KnownServer {
  const nowhere = { host: null, oldHost: null, destHost: null, diskSet: '', oldDiskSet: null };
  return { id, vmState: 'deleted', taskState: null, powerState: 'nostate', machine: null, ...nowhere };
}

/** As {@link knownServers}, of one id. */
export async function knownServer(
  { servers, retiredIds }: Pick<Store, 'servers' | 'retiredIds'>,
  id: ServerId,
): Promise<KnownServer | undefined> {
  const found = await servers.find(id);
  if (found !== undefined) return found;
  return (await retiredIds.has({ kind: 'server', id })) ? purgedServer(id) : undefined;
}

/**
 * The servers of these ids, purged ones among them: a host that was away for months may still have their
 * guests. What was never a server of this cloud is left out.
 */
export async function knownServers(
  { servers, retiredIds }: Pick<Store, 'servers' | 'retiredIds'>,
  ids: readonly ServerId[],
): Promise<KnownServer[]> {
  const found = await servers.findMany(ids);
  const there = new Set(found.map(({ id }) => id));
  const missing = ids.filter((id) => !there.has(id));
  const purged = missing.length === 0 ? [] : await retiredIds.among('server', missing);
  return [...found, ...[...purged].map((id) => purgedServer(id as ServerId))];
}
