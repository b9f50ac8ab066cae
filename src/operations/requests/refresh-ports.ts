import { Backoff } from '../../async/backoff.ts';
import { within } from '../../async/deadline.ts';
import { KeyedQueue } from '../../async/keyed-queue.ts';
import { pause } from '../../async/pause.ts';
import type { Bus } from '../../bus/bus.ts';
import { asFailure } from '../../model/failure.ts';
import type { ServerId } from '../../model/ids.ts';
import type { Log } from '../../model/log.ts';
import type { PortChange } from '../../model/network/port-change.ts';
import type { Store } from '../../store/promise/store.ts';
import { guestPortsOf } from '../engine/guest-ports.ts';
import { serversAffected } from './servers-affected.ts';

/** How long a host may take over the ports of one server. Milliseconds. */
const PLUG_MS = 60_000;
const PAUSES = { first: 500, longest: 30_000 } as const;
/** With the pauses between them about 20 minutes. */
const TRIES = 45;

interface RefreshParts {
  readonly store: Store;
  readonly bus: Bus;
  readonly log: Log;
}

/**
 * Lets the hosts of running guests follow a change of ports, security groups or subnets, in the background: a
 * server at a time, each with its ports as they are when its turn comes. What is not carried out when the
 * process ends is made up for at the next definition of the guest.
 */
export function createPortRefresh(parts: RefreshParts): (change: PortChange) => void {
  const queue = new KeyedQueue<ServerId>();
  const waiting = new Set<ServerId>();
  const enqueue = (server: ServerId) => {
    if (waiting.has(server)) return;
    waiting.add(server);
    void queue.run(server, async () => {
      waiting.delete(server);
      await refreshServer(parts, server);
    });
  };
  return (change) => {
    void serversAffected(parts.store, change).then(
      (servers) => servers.forEach(enqueue),
      (error) => parts.log('ports-not-refreshed', { why: asFailure(error).operatorText }),
    );
  };
}

/** Sends the ports until the host takes them while no operation runs, which may have read old ones. */
async function refreshServer(parts: RefreshParts, server: ServerId): Promise<void> {
  const backoff = new Backoff(PAUSES);
  let why = 'an operation on the server did not end';
  for (let tried = 1; tried <= TRIES; tried++) {
    try {
      if (await plugOnce(parts, server)) return;
    } catch (error) {
      why = asFailure(error).operatorText;
    }
    await pause(backoff.next(), new AbortController().signal, { ref: false });
  }
  parts.log('ports-not-refreshed', { server, why });
}

/** @returns whether nothing is left to do */
async function plugOnce({ store, bus }: RefreshParts, id: ServerId): Promise<boolean> {
  const server = await store.servers.find(id);
  if (server === undefined || server.vmState === 'deleted' || server.host === null) return true;
  const ports = await guestPortsOf(store, server);
  if (ports.length === 0) return true;
  const { host } = server;
  const plug = { verb: 'plug-ports', server: id, ports } as const;
  await within(PLUG_MS, (signal) => bus.request(host, plug, signal));
  return server.taskState === null;
}
