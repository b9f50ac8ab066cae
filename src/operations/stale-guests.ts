import type { Bus } from '../bus/bus.ts';
import type { HostName } from '../model/ids.ts';
import type { Server } from '../model/server.ts';

/** How long a host may take for one thing that it is to do away with. Milliseconds. */
const CLEAR_MS = 120_000;

/**
 * Whether a guest on this host is one that its server has left: evacuated while the host was down, or moved while it could not be tidied. Pure.
 * A server of which nothing is known is not Nameplate's to end: another cloud may use the same hypervisor.
 */
export function isStale(server: Server, host: HostName): boolean {
  if (server.taskState !== null) return false; // an operation knows better where it belongs
  return server.vmState === 'deleted' || ![server.host, server.oldHost].includes(host);
}

/**
 * Ends a stale guest and takes away what the host holds of it, before anybody can start it. Files that the server's host shares stay.
 * @throws {Failure} when one of the two hosts does not answer: the guest is then off, but not all of it is gone
 */
export async function clearStaleGuest(bus: Bus, server: Server, host: HostName): Promise<void> {
  const { id } = server;
  const ask = bus.request.bind(bus);
  const signal = () => AbortSignal.timeout(CLEAR_MS);
  await ask(host, { verb: 'destroy', server: id }, signal());
  await ask(host, { verb: 'undefine', server: id }, signal());
  if (server.host !== null && server.vmState !== 'deleted') {
    const mark = { server: id, mark: `stale-${host}` };
    await ask(server.host, { verb: 'mark-disks', ...mark }, signal());
    const shared = await ask(host, { verb: 'sees-mark', ...mark }, signal());
    await ask(server.host, { verb: 'remove-mark', ...mark }, signal());
    if (shared) return;
  }
  await ask(host, { verb: 'delete-disks', server: id, set: 'all' }, signal());
}
