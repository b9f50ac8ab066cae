import { isDeepStrictEqual } from 'node:util';
import { within } from '../../async/deadline.ts';
import type { Bus } from '../../bus/bus.ts';
import type { GuestReading, IdentityValues } from '../../model/guest-reading.ts';
import type { HostName, ServerId } from '../../model/ids.ts';
import type { Log } from '../../model/log.ts';
import { inabilityOf, type KnownAgent } from '../../model/messages/agent-ability.ts';
import { deviatingValues, withReadCpu } from '../../model/recorded-values.ts';
import type { SerialRecord } from '../../model/serial.ts';
import type { Server, ServerPatch } from '../../model/server.ts';
import { recordMachine } from '../../model/value-times.ts';
import type { LedgerEntry } from '../../serial/ledger-entry.ts';
import { serialOfReading } from '../../serial/serial-of-reading.ts';
import type { Queries, Store } from '../../store/promise/store.ts';
import { LOOK_MS } from './follow-guest.ts';

/** What the ledger names in the place of an operation. */
const GUEST_START = 'guest-start';

interface ReadingParts {
  readonly store: Store;
  readonly bus: Bus;
  readonly now: () => number;
  readonly log: Log;
}

/** What a reading of a guest changes in what is stored; nothing where the guest reads what was recorded. */
export interface ReadingChange {
  readonly patch: Pick<ServerPatch, 'reads' | 'machine' | 'machineTimes'>;
  /** Another serial than the ledger's last. */
  readonly entry?: LedgerEntry;
}

/**
 * Asks a server's host what its guest was started with.
 * @returns null where the guest does not run, or the agent is of a release that cannot tell
 * @throws {Failure} when the host does not answer
 */
export async function readGuest(
  { bus }: Pick<ReadingParts, 'bus'>,
  server: ServerId,
  agent: KnownAgent | undefined,
): Promise<GuestReading | null> {
  if (agent === undefined || inabilityOf(agent, ['read-guest']) !== undefined) return null;
  const read = { verb: 'read-guest', server } as const;
  return within(LOOK_MS, (signal) => bus.request(agent.name, read, signal));
}

/**
 * Works out what a reading changes.
 * @param records of the server's ledger, oldest first
 */
export async function changeByReading(
  { ports }: Pick<Queries, 'ports'>,
  server: Server & { readonly host: HostName },
  { reading, records, at }: { reading: GuestReading; records: readonly SerialRecord[]; at: number },
): Promise<ReadingChange | undefined> {
  const known = (await ports.ofServers([server.id])).get(server.id) ?? [];
  const values = deviatingValues(server, known, reading);
  const entry = serialOfReading(records, reading, server.host);
  const same = isDeepStrictEqual(values, server.reads?.values ?? null);
  const machine = withReadCpu(server.machine, reading);
  if (same && entry === undefined && machine === undefined) return undefined;
  const patch = {
    ...(!same && { reads: values && { since: at, values } }),
    ...(machine && recordMachine(server, machine, at)),
  };
  return entry === undefined ? { patch } : { patch, entry };
}

/**
 * Reads what a server's guest was started with, and records it. Does nothing for a server that is worked on:
 * the end of the operation records it.
 * @throws {Failure} when the host does not answer
 */
export async function readBack({ store, bus, now, log }: ReadingParts, id: ServerId): Promise<void> {
  const server = await store.servers.find(id);
  if (server === undefined || server.taskState !== null || server.host === null) return;
  const reading = await readGuest({ bus }, id, await store.hosts.find(server.host));
  if (reading === null) return;
  const changeIn = async (queries: Pick<Queries, 'ports' | 'serials'>, seen: Server) =>
    isOnHost(seen)
      ? changeByReading(queries, seen, { reading, records: await queries.serials.of(id), at: now() })
      : undefined;
  if ((await changeIn(store, server)) === undefined) return;
  await store.lockingTransaction(async (tx) => {
    const seen = await tx.servers.find(id);
    if (seen?.generation !== server.generation) return; // an operation began: its end reads the guest
    const change = await changeIn(tx, seen);
    if (change === undefined) return;
    await tx.servers.update(seen, { ...change.patch, updatedAt: now() });
    if (change.entry !== undefined)
      await tx.serials.add({
        ...change.entry,
        ...{ serverId: id, operationId: null, operation: GUEST_START, at: now() },
      });
    logReading(log, seen, change);
  });
}

/** Says that a guest reads other values than those of the record, or the recorded ones again. */
export function logReading(
  log: Log,
  { id: server, host }: Pick<Server, 'id' | 'host'>,
  { patch, entry }: ReadingChange,
): void {
  const serial = entry?.source === 'outside' ? { serial: entry.serial } : {};
  const values: IdentityValues = { ...serial, ...patch.reads?.values };
  if (patch.reads === undefined && entry === undefined) return;
  const event = Object.keys(values).length === 0 ? 'guest-reads-record' : 'guest-deviates';
  log(event, { server, host, values });
}

function isOnHost(server: Server): server is Server & { readonly host: HostName } {
  return server.host !== null;
}
