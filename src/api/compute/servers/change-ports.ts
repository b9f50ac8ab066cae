import type { Port } from '../../../model/network/port.ts';
import type { Server } from '../../../model/server.ts';
import type { PortPatch } from '../../../store/promise/networks.ts';
import type { Queries } from '../../../store/promise/store.ts';
import type { RequestContext } from '../../http/route.ts';

/** Some of a server's ports, with what is to be changed of each. */
export type PortChanges = readonly (readonly [port: Port, patch: PortPatch])[];

/**
 * Changes a server's ports in one transaction: all that are named, or none.
 * @param change may refuse, and may run more than once
 */
export async function changePorts(
  { parts }: RequestContext,
  { id }: Server,
  change: (ports: readonly Port[], tx: Queries) => PortChanges | Promise<PortChanges>,
): Promise<void> {
  const { store, now } = parts;
  await store.transaction(async (tx) => {
    const ports = (await tx.ports.ofServers([id])).get(id) ?? [];
    for (const [port, patch] of await change(ports, tx))
      await tx.ports.update(port, { ...patch, updatedAt: now() });
  });
}
