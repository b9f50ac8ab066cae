import type { ServerFiles } from '../model/guest.ts';
import type { AgentParts } from './parts.ts';

/**
 * What this host holds of servers, whether it has guests of them or not: disk sets, and ports. A host that
 * was cut off between preparing a server's ports and defining its guest has ports only.
 */
export async function heldServers({
  driver,
  network,
}: Pick<AgentParts, 'driver' | 'network'>): Promise<readonly ServerFiles[]> {
  const files = await driver.listServerFiles();
  const known = new Set(files.map(({ serverId }) => serverId));
  const others = new Set((await network.ports()).map(({ server }) => server).filter((id) => !known.has(id)));
  return [...files, ...[...others].map((serverId) => ({ serverId, sets: [] }))];
}
