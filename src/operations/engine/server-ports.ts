import type { Port } from '../../model/network/port.ts';
import type { Server } from '../../model/server.ts';
import type { Queries } from '../../store/promise/store.ts';

/**
 * Lets a server's ports follow it, in the transaction that changed it: they are bound to its host; when it
 * has none any more, they are deleted or unbound.
 */
export async function portsFollow(tx: Queries, server: Server): Promise<void> {
  const ports = (await tx.ports.ofServers([server.id])).get(server.id) ?? [];
  if (ports.length === 0) return;
  if (server.vmState === 'deleted' || server.host === null) return releasePorts(tx, ports, server.updatedAt);
  const status = portStatusOf(server);
  for (const port of ports)
    if (port.host !== server.host || port.status !== status)
      await tx.ports.update(port, { host: server.host, status, updatedAt: server.updatedAt });
}

/** The status of a server's ports: they are up while its guest has a process. */
export function portStatusOf({ powerState }: Pick<Server, 'powerState'>): Port['status'] {
  return powerState === 'running' || powerState === 'paused' ? 'ACTIVE' : 'DOWN';
}

/**
 * Deletes the ports that compute made, and frees those that were there before (nova/network/neutron.py
 * API.deallocate_for_instance, API._unbind_ports).
 */
export async function releasePorts(tx: Queries, ports: readonly Port[], at: number): Promise<void> {
  for (const port of ports)
    if (port.deletedWithServer) await tx.ports.delete(port.id);
    else
      await tx.ports.update(port, {
        ...{ deviceId: '', deviceOwner: '', host: null, status: 'DOWN', index: null, deviceTag: null },
        updatedAt: at,
      });
}
