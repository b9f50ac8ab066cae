import { Backoff } from '../../async/backoff.ts';
import { within } from '../../async/deadline.ts';
import { KeyedQueue } from '../../async/keyed-queue.ts';
import { pause } from '../../async/pause.ts';
import { Semaphore } from '../../async/semaphore.ts';
import type { Bus } from '../../bus/bus.ts';
import { asFailure } from '../../model/failure.ts';
import type { ServerId } from '../../model/ids.ts';
import type { Log } from '../../model/log.ts';
import type { GuestPort } from '../../model/network/guest-port.ts';
import type { PortChange } from '../../model/network/port-change.ts';
import type { Server } from '../../model/server.ts';
import type { Store } from '../../store/promise/store.ts';
import { guestPortsOf } from '../engine/guest-ports.ts';
import { serversAffected } from './servers-affected.ts';

/** How long a host may take over the ports of one server. Milliseconds. */
const PLUG_MS = 60_000;
/** Servers whose ports are read at once: a change of a large group touches many, and requests go first. */
const READ_AT_ONCE = 2;
/**
 * The rest after a change, for each server that it touches: with a group of many, each create touches all of
 * them. Milliseconds; a hundred servers a second.
 */
const REST_MS = 10;
const PAUSES = { first: 500, longest: 30_000 } as const;
/** With the pauses between them about 20 minutes. */
const TRIES = 45;

interface RefreshParts {
  readonly store: Store;
  readonly bus: Bus;
  readonly log: Log;
}

interface Refreshing extends RefreshParts {
  /** The ports of a server as they are now. */
  read(server: Pick<Server, 'id' | 'hostname'>): Promise<readonly GuestPort[]>;
}

const NEVER = new AbortController().signal;

/**
 * Lets the hosts of running guests follow a change of ports, security groups or subnets, in the background: a
 * server at a time, each with its ports as they are when its turn comes. Changes that arrive during the rest
 * after another one are carried out together. What is not carried out when the process ends is made up for at
 * the next definition of the guest.
 */
export function createPortRefresh(parts: RefreshParts): (change: PortChange) => void {
  const queue = new KeyedQueue<ServerId>();
  const places = new Semaphore(READ_AT_ONCE);
  const waiting = new Set<ServerId>();
  const read = (server: Pick<Server, 'id' | 'hostname'>) =>
    places.run(NEVER, () => {
      waiting.delete(server.id); // what changes from here on is another turn's
      return guestPortsOf(parts.store, server);
    });
  const enqueue = (server: ServerId) => {
    if (waiting.has(server)) return;
    waiting.add(server);
    void queue.run(server, async () => {
      await refreshServer({ ...parts, read }, server);
      waiting.delete(server);
    });
  };
  const changes: PortChange[] = [];
  let isFollowing = false;
  const follow = async () => {
    isFollowing = true;
    while (changes.length > 0) {
      try {
        const servers = await serversAffected(parts.store, joined(changes.splice(0)));
        servers.forEach(enqueue);
        await pause(servers.size * REST_MS, NEVER, { ref: false });
      } catch (error) {
        parts.log('ports-not-refreshed', { why: asFailure(error).operatorText });
      }
    }
    isFollowing = false;
  };
  return (change) => {
    changes.push(change);
    if (!isFollowing) void follow();
  };
}

/** All that several changes touch. */
function joined(changes: readonly PortChange[]): PortChange {
  return {
    servers: [...new Set(changes.flatMap(({ servers = [] }) => servers))],
    groups: [...new Set(changes.flatMap(({ groups = [] }) => groups))],
    members: [...new Set(changes.flatMap(({ members = [] }) => members))],
    networks: [...new Set(changes.flatMap(({ networks = [] }) => networks))],
  };
}

/** Sends the ports until the host takes them while no operation runs, which may have read old ones. */
async function refreshServer(parts: Refreshing, server: ServerId): Promise<void> {
  const backoff = new Backoff(PAUSES);
  let why = 'an operation on the server did not end';
  for (let tried = 1; tried <= TRIES; tried++) {
    try {
      if (await plugOnce(parts, server)) return;
    } catch (error) {
      why = asFailure(error).operatorText;
    }
    await pause(backoff.next(), NEVER, { ref: false });
  }
  parts.log('ports-not-refreshed', { server, why });
}

/** @returns whether nothing is left to do */
async function plugOnce({ store, bus, read }: Refreshing, id: ServerId): Promise<boolean> {
  const server = await store.servers.find(id);
  if (server === undefined || server.vmState === 'deleted' || server.host === null) return true;
  // Its definition reads the ports; what changes after that is sent when it runs.
  if (server.vmState === 'building') return false;
  const ports = await read(server);
  if (ports.length === 0) return true;
  const { host } = server;
  const plug = { verb: 'plug-ports', server: id, ports } as const;
  await within(PLUG_MS, (signal) => bus.request(host, plug, signal));
  return server.taskState === null;
}
