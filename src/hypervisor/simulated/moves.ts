import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { onAbort } from '../../async/on-abort.ts';
import { Failure } from '../../model/failure.ts';
import type { GuestPlan } from '../../model/guest.ts';
import type { ServerId } from '../../model/ids.ts';
import type { LiveProgress } from '../../model/migration.ts';
import type { DiskExport, GuestMoves, LiveMigration } from '../guest-moves.ts';
import { bootLine } from './console.ts';
import type { SimulatedDisk, SimulatedGuest } from './guest-file.ts';
import type { MigratingGuest, SimulatedNetwork } from './network.ts';

const GIB = 2 ** 30;
const MAX_STREAM_LENGTH = 64 * 1024;

/** The guests of one simulated host. */
export interface SimulatedGuests {
  get(server: ServerId): SimulatedGuest | undefined;
  /** The guest, or a new empty one. */
  getOrFresh(server: ServerId): SimulatedGuest;
  put(guest: SimulatedGuest): Promise<void>;
}

interface Underway {
  readonly memory: number;
  /** Ends the waiting migration: forced or stopped. */
  readonly settle: (how: 'forced' | 'stopped') => void;
  readonly ended: Promise<void>;
}

/** Moves of simulated guests: a stream of two lines, and a function call to the other host. */
export function createSimulatedMoves(options: {
  guests: SimulatedGuests;
  network: SimulatedNetwork;
  address: string;
}): GuestMoves {
  const { guests, network, address } = options;
  const underway = new Map<ServerId, Underway>();
  const marks = network.sharesDisks ? network.marks : new Set<string>();
  network.hosts.set(address, (guest) => takeIn(guests, guest));

  async function migrateLive(migration: LiveMigration, signal: AbortSignal): Promise<void> {
    const { server, destination, disks } = migration;
    if (signal.aborted) throw stopped(server);
    const guest = guests.get(server);
    if (guest === undefined || (guest.definition === null && guest.live === null)) return;
    if (guest.power === 'shutdown' || guest.live === null)
      throw new Failure('conflict', `The guest of server ${server} does not run.`);
    const arrive = network.hosts.get(destination);
    if (arrive === undefined)
      throw new Failure('unavailable', `There is no simulated host ${destination} in this process.`);
    const line = bootLine(guest.live, guest.disks[guest.live.diskSet]?.boots ?? 0);
    if (network.stalls) await untilSettled(guest, signal);
    const { serverId, power, definition, live } = guest;
    await arrive({ serverId, power, definition, live, disks: guest.disks, line });
    const left = disks === 'shared' ? {} : guest.disks;
    await guests.put({ ...guest, power: 'shutdown', definition: null, live: null, disks: left });
  }

  /**
   * Waits until the migration is forced to complete.
   * @throws {Failure} `timed-out` when it is stopped; the guest then keeps running
   */
  async function untilSettled(guest: SimulatedGuest, signal: AbortSignal): Promise<void> {
    const { serverId } = guest;
    const { promise, resolve } = Promise.withResolvers<'forced' | 'stopped'>();
    const over = Promise.withResolvers<void>();
    using _stop = onAbort(signal, () => resolve('stopped'));
    underway.set(serverId, { memory: GIB, settle: resolve, ended: over.promise });
    try {
      if ((await promise) === 'forced') return;
      throw stopped(serverId);
    } finally {
      underway.delete(serverId);
      over.resolve();
    }
  }

  return {
    async exportDisks({ server, set, purpose }: DiskExport, signal) {
      const guest = guests.get(server);
      const disk = guest?.disks[set];
      if (guest === undefined || disk === undefined)
        throw new Failure('not-found', `The disk set ${set} of server ${server} is not on this host.`);
      if (purpose === 'move' && guest.power !== 'shutdown')
        throw new Failure('conflict', `The guest of server ${server} runs: its disks cannot be moved.`);
      signal.throwIfAborted();
      const text = JSON.stringify(purpose === 'move' ? disk : { gb: disk.gb, boots: 0 });
      return Readable.from([Buffer.from(`${text}\n${sumOf(text)}\n`)], { objectMode: false });
    },
    async importDisks({ plan }, data, signal) {
      const guest = guests.getOrFresh(plan.serverId);
      if (guest.disks[plan.diskSet] !== undefined) return;
      const disk = await diskFrom(data);
      const gb = plan.flavor.rootGb === 0 ? disk.gb : plan.flavor.rootGb;
      if (gb < disk.gb) throw new Failure('invalid', 'Resize error: Unable to resize disk down.');
      if (signal.aborted) throw new Failure('timed-out', 'Gave up making the disks.');
      await guests.put({ ...guest, disks: { ...guest.disks, [plan.diskSet]: { ...disk, gb } } });
    },
    hasDisks: async ({ serverId, diskSet }) => guests.get(serverId)?.disks[diskSet] !== undefined,
    presentBases: async () => [],
    async markDisks(server, mark) {
      if (guests.get(server) === undefined)
        throw new Failure('not-found', `This host has no files of server ${server}.`);
      marks.add(`${server} ${mark}`);
    },
    seesMark: async (server, mark) => marks.has(`${server} ${mark}`),
    async removeMark(server, mark) {
      marks.delete(`${server} ${mark}`);
    },
    async prepareLive(plan: GuestPlan, disks) {
      const isHere = guests.get(plan.serverId)?.disks[plan.diskSet] !== undefined;
      if (isHere || (disks === 'shared' && network.sharesDisks)) return address;
      throw new Failure('not-found', `The disks of server ${plan.serverId} are not on the destination host.`);
    },
    migrateLive,
    async liveProgress(server): Promise<LiveProgress | null> {
      const memory = underway.get(server)?.memory;
      if (memory === undefined) return null;
      const half = memory / 2;
      const disks = { diskTotal: 0, diskProcessed: 0, diskRemaining: 0 };
      return { memoryTotal: memory, memoryProcessed: half, memoryRemaining: half, ...disks };
    },
    async abortLive(server) {
      const migration = underway.get(server);
      migration?.settle('stopped');
      await migration?.ended;
    },
    async forceLive(server) {
      const migration = underway.get(server);
      const guest = guests.get(server);
      if (migration === undefined || guest === undefined) return;
      await guests.put({ ...guest, power: 'paused' });
      migration.settle('forced');
    },
  };
}

/** Stores a migrated guest in its former state, with the disks that are already here. */
async function takeIn(guests: SimulatedGuests, guest: MigratingGuest): Promise<void> {
  const { serverId, power, definition, live, disks, line } = guest;
  const here = guests.getOrFresh(serverId);
  const console = here.console + line;
  await guests.put({ ...here, power, definition, live, disks: { ...here.disks, ...disks }, console });
}

async function diskFrom(data: Readable): Promise<SimulatedDisk> {
  let text = '';
  try {
    for await (const chunk of data) {
      text += String(chunk);
      if (text.length > MAX_STREAM_LENGTH) throw damaged();
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw brokeOff(error);
  }
  const [json, sum, rest] = text.split('\n');
  if (rest !== '') throw brokeOff();
  if (json === undefined || sum !== sumOf(json)) throw damaged();
  return JSON.parse(json) as SimulatedDisk;
}

function sumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function damaged(): Failure {
  return new Failure('invalid', 'The disks that came from another compute host are damaged.');
}

function brokeOff(cause?: unknown): Failure {
  return new Failure('unavailable', 'The disks from another compute host did not come whole.', { cause });
}

function stopped(server: ServerId): Failure {
  return new Failure('timed-out', `The live migration of server ${server} was stopped.`);
}
