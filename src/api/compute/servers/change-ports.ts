import type { SecurityGroupId } from '../../../model/network/network-ids.ts';
import type { Port } from '../../../model/network/port.ts';
import type { Server } from '../../../model/server.ts';
import type { PortPatch } from '../../../store/promise/networks.ts';
import type { Queries } from '../../../store/promise/store.ts';
import type { RequestContext } from '../../http/route.ts';

/** Some of a server's ports, with what is to be changed of each. */
export type PortChanges = readonly (readonly [port: Port, patch: PortPatch])[];

/**
 * Changes a server's ports in one transaction: all that are named, or none. The hosts of its guest
 * and of those that let it in by its groups follow.
 * @param change may refuse, and may run more than once
 */
export async function changePorts(
  { parts }: RequestContext,
  { id }: Server,
  change: (ports: readonly Port[], tx: Queries) => PortChanges | Promise<PortChanges>,
): Promise<void> {
  const { store, now, operations } = parts;
  const groups = await store.transaction(async (tx) => {
    const ports = (await tx.ports.ofServers([id])).get(id) ?? [];
    const touched = new Set<SecurityGroupId>();
    for (const [port, patch] of await change(ports, tx)) {
      const changed = await tx.ports.update(port, { ...patch, updatedAt: now() });
      for (const group of [...port.securityGroupIds, ...changed.securityGroupIds]) touched.add(group);
    }
    return touched;
  });
  operations.refreshPorts({ servers: [id], members: [...groups] });
}
