import { createHash } from 'node:crypto';
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
import { guestPortsOfServers } from '../engine/guest-ports.ts';
import { pagesOfServersWithPorts, serversAffected } from './servers-affected.ts';

/** How long a host may take over the ports of one server. Milliseconds. */
const PLUG_MS = 60_000;
/** Servers whose ports are read together, and how many such batches are under way: requests go first. */
const [BATCH, BATCHES] = [100, 2];
/**
 * The rest after a change, for each server that it touches: with a group of many, each create touches all of
 * them. Milliseconds; a hundred servers a second.
 */
const REST_MS = 10;
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [500, 30_000];
/** With the pauses between them about 4 minutes: then the next sweep begins anew. */
const TRIES = 12;
/** Sweeps after which even what this replica knows to be there is sent once more. */
const COMPLETE_EVERY = 12;

const UNDER_WAY = 'an operation on the server did not end';

const NEVER = new AbortController().signal;

interface RefreshParts {
  readonly store: Store;
  readonly bus: Bus;
  readonly log: Log;
}

/**
 * Lets the hosts of running guests follow changes of ports, security groups and subnets, in the background:
 * each guest with its ports as they are when its turn comes.
 */
export class PortRefresh {
  readonly #parts: RefreshParts;
  readonly #queue = new KeyedQueue<ServerId>();
  readonly #places = new Semaphore(BATCHES);
  /** Servers whose turn comes, with the number of tries so far. */
  readonly #waiting = new Map<ServerId, number>();
  /** What hosts took over from this replica, as digests. */
  readonly #taken = new Map<ServerId, string>();
  /** When a server that waits has its next try: milliseconds, of `performance.now()`. */
  readonly #due = new Map<ServerId, number>();
  /** Servers of which the log says that they wait. */
  readonly #reported = new Set<ServerId>();
  /** Changes whose turn comes. */
  readonly #changes: PortChange[] = [];
  #isFollowing = false;
  #isReading = false;
  #sweeps = 0;

  constructor(parts: RefreshParts) {
    this.#parts = parts;
  }

  /** Sends what a change touches; changes that arrive during the rest after it are carried out together. */
  follow(change: PortChange): void {
    this.#changes.push(change);
    if (!this.#isFollowing) void this.#followAll();
  }

  /**
   * Sends all that no host is known to have taken over from this replica. It makes up for a replica that
   * ended between the commit of a change and the last of its messages, and for hosts that were away for long.
   * @throws {Failure} when the store is away
   */
  async sweep(): Promise<void> {
    const { store } = this.#parts;
    if (this.#sweeps++ % COMPLETE_EVERY === 0) this.#taken.clear();
    for await (const ids of pagesOfServersWithPorts(store)) {
      const servers = await store.servers.findMany(ids);
      const ports = await guestPortsOfServers(store, servers);
      for (const { id } of servers)
        if (this.#taken.get(id) !== digestOf(ports.get(id) ?? [])) this.#enqueue(id, 0);
    }
  }

  async #followAll(): Promise<void> {
    const { store, log } = this.#parts;
    this.#isFollowing = true;
    while (this.#changes.length > 0) {
      try {
        const servers = await serversAffected(store, joined(this.#changes.splice(0)));
        for (const server of servers) this.#enqueue(server, 0);
        await pause(servers.size * REST_MS, NEVER, { ref: false });
      } catch (error) {
        log('ports-not-refreshed', { why: asFailure(error).operatorText });
      }
    }
    this.#isFollowing = false;
  }

  #enqueue(server: ServerId, tried: number): void {
    if (!this.#waiting.has(server)) this.#waiting.set(server, tried);
    if (!this.#isReading) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#isReading = true;
    while (this.#waiting.size > 0) {
      await this.#places.run(NEVER, async () => undefined); // until a batch has ended
      const batch = new Map([...this.#waiting].slice(0, BATCH));
      for (const id of batch.keys()) this.#waiting.delete(id); // what changes from here on is another turn's
      void this.#places.run(NEVER, () => this.#send(batch));
    }
    this.#isReading = false;
  }

  async #send(batch: ReadonlyMap<ServerId, number>): Promise<void> {
    const { store } = this.#parts;
    try {
      const servers = await store.servers.findMany([...batch.keys()]);
      const [building, built] = byWhetherBuilding(servers);
      for (const { id } of building) void this.#later(id, { tried: batch.get(id) ?? 0, why: UNDER_WAY });
      const ports = await guestPortsOfServers(store, built);
      const sent = built.map((server) =>
        this.#queue.run(server.id, () =>
          this.#plug(server, { ports: ports.get(server.id) ?? [], tried: batch.get(server.id) ?? 0 }),
        ),
      );
      await Promise.all(sent);
    } catch (error) {
      for (const [id, tried] of batch) void this.#later(id, { tried, why: asFailure(error).operatorText });
    }
  }

  /** Again until the host takes them while no operation runs, which may have read old ones. */
  async #plug(
    { id, host, vmState, taskState }: Server,
    { ports, tried }: { readonly ports: readonly GuestPort[]; readonly tried: number },
  ): Promise<void> {
    this.#taken.delete(id);
    if (vmState === 'deleted' || host === null || ports.length === 0) return void this.#reported.delete(id);
    const plug = { verb: 'plug-ports', server: id, ports } as const;
    try {
      await within(PLUG_MS, (signal) => this.#parts.bus.request(host, plug, signal));
      this.#reported.delete(id);
      if (taskState === null) this.#taken.set(id, digestOf(ports));
      else void this.#later(id, { tried, why: UNDER_WAY });
    } catch (error) {
      void this.#later(id, { tried, why: asFailure(error).operatorText });
    }
  }

  async #later(server: ServerId, { tried, why }: { tried: number; why: string }): Promise<void> {
    if (tried + 1 >= TRIES) {
      if (!this.#reported.has(server)) this.#parts.log('ports-not-refreshed', { server, why });
      this.#reported.add(server);
      return;
    }
    const rest = Math.min(FIRST_PAUSE_MS * 2 ** tried, LONGEST_PAUSE_MS);
    const due = performance.now() + rest;
    if ((this.#due.get(server) ?? Number.POSITIVE_INFINITY) <= due) return; // that try reads what this one would
    this.#due.set(server, due);
    await pause(rest, NEVER, { ref: false });
    if (this.#due.get(server) !== due) return; // an earlier try took its place
    this.#due.delete(server);
    this.#enqueue(server, tried + 1);
  }
}

/** A server that is being built has no guest yet, and its first definition has the ports as they are then. */
function byWhetherBuilding(servers: readonly Server[]): [readonly Server[], readonly Server[]] {
  const isBuilding = ({ vmState }: Server) => vmState === 'building';
  return [servers.filter(isBuilding), servers.filter((server) => !isBuilding(server))];
}

function digestOf(ports: readonly GuestPort[]): string {
  return createHash('sha256').update(JSON.stringify(ports)).digest('base64');
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
