import { randomUUID } from 'node:crypto';
import { EventEmitter, on } from 'node:events';
import { consoleTail } from '../../model/console-tail.ts';
import { Failure } from '../../model/failure.ts';
import type { GuestObservation } from '../../model/guest.ts';
import type { HostDescription } from '../../model/host.ts';
import type { ServerId } from '../../model/ids.ts';
import type { ImageSnapshot, ImageUrls } from '../../model/image.ts';
import type { DiskRequest, HypervisorDriver, ImageSource } from '../driver.ts';
import { bootLine, consoleOf } from './console.ts';
import { definedCpu, simulatedCpu } from './cpu.ts';
import {
  openGuestFiles,
  type SimulatedDefinition,
  type SimulatedDisk,
  type SimulatedGuest,
} from './guest-file.ts';
import { identityOf, readingOf, simulatedIdentity } from './machine-identity.ts';
import { createSimulatedMoves } from './moves.ts';
import { SimulatedNetwork } from './network.ts';

const GIB = 2 ** 30;
const MAX_CONSOLE_LENGTH = 2 ** 20;

/**
 * A driver without real guests, for trying clients and for load tests. `docs/simulated-driver.md` lists the
 * differences to real ones.
 * @param options.folder the folder with one file for each guest
 * @param options.description the description of the simulated host
 * @param options.network the hosts to which guests can migrate live; by default none
 */
export async function createSimulatedDriver(options: {
  folder: string;
  description: HostDescription;
  images: ImageSource;
  network?: SimulatedNetwork;
}): Promise<HypervisorDriver> {
  const { guestCpu } = options.description;
  const files = await openGuestFiles(options.folder);
  const guests = new Map((await files.readAll()).map((guest) => [guest.serverId, guest]));
  const changes = new EventEmitter();
  changes.setMaxListeners(0);

  async function put(guest: SimulatedGuest): Promise<void> {
    const before = observationOf(guests.get(guest.serverId), guest.serverId);
    const isAnother = guest.live !== null && guest.live !== guests.get(guest.serverId)?.live;
    guests.set(guest.serverId, guest);
    await files.write(guest);
    const after = observationOf(guest, guest.serverId);
    if (after.power !== before.power || isAnother) changes.emit('guest', after);
  }

  /** The guest; throws unless it is defined. */
  function defined(
    server: ServerId,
  ): SimulatedGuest & { definition: NonNullable<SimulatedGuest['definition']> } {
    const guest = guests.get(server);
    if (guest?.definition) return { ...guest, definition: guest.definition };
    throw new Failure('not-found', `The guest of server ${server} is not defined on this host.`);
  }

  function allThere(): GuestObservation[] {
    return [...guests.values()]
      .map((guest) => observationOf(guest, guest.serverId))
      .filter(({ power }) => power !== 'absent');
  }

  function boot(guest: SimulatedGuest): SimulatedGuest {
    const live = guest.definition;
    if (live === null)
      throw new Failure('not-found', `The guest of server ${guest.serverId} is not defined here.`);
    const disk = guest.disks[live.diskSet];
    if (disk === undefined)
      throw new Failure(
        'not-found',
        `The disk set ${live.diskSet} of server ${guest.serverId} is not on this host.`,
      );
    const boots = disk.boots + 1;
    const cpu = guestCpu && { cpu: live.machine?.cpu?.started ?? simulatedCpu(guestCpu) };
    const variables = live.firmware === 'uefi' && { variables: disk.variables ?? randomUUID() };
    return {
      ...guest,
      power: 'running',
      live: { ...live, ...cpu },
      savedMemory: false,
      disks: { ...guest.disks, [live.diskSet]: { ...disk, ...variables, boots } },
      console: (guest.console + bootLine(live, boots)).slice(-MAX_CONSOLE_LENGTH),
    };
  }

  /** Requires that an image's data exists, without reading it. */
  async function readable({ id }: Pick<ImageSnapshot, 'id'>, urls: ImageUrls): Promise<void> {
    const data = await options.images.open(id, urls?.[id]);
    data.on('error', () => undefined).destroy();
  }

  async function createDisks({ plan, from, images }: DiskRequest, signal: AbortSignal): Promise<void> {
    const guest = guests.get(plan.serverId) ?? fresh(plan.serverId);
    if (guest.disks[plan.diskSet] !== undefined) return;
    const imageGb = Math.ceil(plan.image.size / GIB);
    const gb = plan.flavor.rootGb === 0 ? imageGb : plan.flavor.rootGb;
    if (gb < imageGb) throw new Failure('invalid', "Flavor's disk is too small for requested image.");
    let kept: Pick<SimulatedDisk, 'boots' | 'variables'> = { boots: 0 };
    if (from === 'image') {
      await readable(plan.image, images ?? null);
    } else {
      const source = guest.disks[from.copyOf];
      if (source === undefined)
        throw new Failure(
          'not-found',
          `The disk set ${from.copyOf} of server ${plan.serverId} is not on this host.`,
        );
      if (gb < source.gb) throw new Failure('invalid', 'Resize error: Unable to resize disk down.');
      kept = source;
    }
    signal.throwIfAborted();
    await put({ ...guest, disks: { ...guest.disks, [plan.diskSet]: { ...kept, gb } } });
  }

  const moves = createSimulatedMoves({
    guests: {
      get: (server) => guests.get(server),
      getOrFresh: (server) => guests.get(server) ?? fresh(server),
      put,
    },
    network: options.network ?? new SimulatedNetwork({ sharesDisks: false }),
    address: options.description.hypervisorHostname,
  });

  return {
    moves,
    describeHost: async () => options.description,
    createDisks,
    cacheImage: ({ image, images }) => readable(image, images ?? null),
    removeUnusedImages: async () => [],
    async deleteDisks(server, set) {
      const guest = guests.get(server);
      if (guest === undefined) return;
      if (set !== 'all') {
        const { [set]: _gone, ...disks } = guest.disks;
        return put({ ...guest, disks });
      }
      guests.delete(server);
      await files.delete(server);
    },
    listServerFiles: async () =>
      [...guests.values()].map(({ serverId, disks }) => ({ serverId, sets: Object.keys(disks) })),
    async define({ plan, serial, operation, attachments }) {
      const guest = guests.get(plan.serverId) ?? fresh(plan.serverId);
      const kept = operation in guest.kept ? guest.kept : { ...guest.kept, [operation]: guest.definition };
      const cpu = guestCpu && { cpu: definedCpu(plan.machine, guestCpu) };
      const held = plan.machine ?? (guest.definition && identityOf(guest.definition));
      const machine = { ...simulatedIdentity(plan, held), ...cpu };
      const macs = attachments !== undefined &&
        attachments.length > 0 && { macs: attachments.map(({ port }) => port.mac) };
      const uefi = plan.image.properties.hw_firmware_type?.trim().toLowerCase() === 'uefi';
      const also = { ...(uefi && { firmware: 'uefi' as const }), ...macs };
      const definition = { serial, uuid: plan.serverId, diskSet: plan.diskSet, machine, ...also };
      await put({ ...guest, kept, definition });
      return machine;
    },
    async restoreDefinition(server, operation) {
      const guest = guests.get(server);
      if (guest === undefined || !(operation in guest.kept)) return;
      const { [operation]: definition = null, ...kept } = guest.kept;
      await put({ ...guest, definition, kept });
    },
    async forgetDefinition(server, operation) {
      const guest = guests.get(server);
      if (guest === undefined || !(operation in guest.kept)) return;
      const { [operation]: _gone, ...kept } = guest.kept;
      await put({ ...guest, kept });
    },
    async attachInterface(plan, { port: { mac } }) {
      const guest = defined(plan.serverId);
      await put(withMacs(guest, (macs) => (macs.includes(mac) ? macs : [...macs, mac])));
    },
    async detachInterface(server, mac) {
      const guest = guests.get(server);
      if (guest !== undefined) await put(withMacs(guest, (macs) => macs.filter((other) => other !== mac)));
    },
    async undefine(server) {
      const guest = guests.get(server);
      if (guest === undefined || guest.definition === null) return;
      if (guest.power !== 'shutdown')
        throw new Failure('conflict', `The guest of server ${server} runs and cannot be undefined.`);
      await put({ ...guest, definition: null, live: null, savedMemory: false });
    },
    async start(server) {
      const guest = defined(server);
      if (guest.power === 'shutdown') await put(boot(guest));
    },
    async destroy(server) {
      const guest = guests.get(server);
      if (guest !== undefined && guest.power !== 'shutdown')
        await put({ ...guest, power: 'shutdown', live: null });
    },
    async shutdown(server) {
      const guest = defined(server);
      if (guest.power !== 'shutdown') await put({ ...guest, power: 'shutdown', live: null });
      return true;
    },
    async softReboot(server) {
      await put(boot(defined(server)));
      return true;
    },
    async pause(server) {
      const guest = defined(server);
      if (guest.power === 'shutdown') throw notRunning(server);
      await put({ ...guest, power: 'paused' });
    },
    async unpause(server) {
      const guest = defined(server);
      if (guest.power === 'shutdown') throw notRunning(server);
      await put({ ...guest, power: 'running' });
    },
    async suspend(server) {
      const guest = defined(server);
      if (guest.power === 'shutdown' && !guest.savedMemory) throw notRunning(server);
      await put({ ...guest, power: 'shutdown', savedMemory: true });
    },
    async resume(server) {
      const guest = defined(server);
      if (guest.power !== 'shutdown') return;
      if (!guest.savedMemory)
        throw new Failure('conflict', `The guest of server ${server} has no saved memory to resume from.`);
      await put({ ...guest, power: 'running', savedMemory: false });
    },
    async injectNmi(server) {
      if (defined(server).power === 'shutdown') throw notRunning(server);
    },
    observe: async (server) => observationOf(guests.get(server), server),
    async machineIdentity(server) {
      const definition = guests.get(server)?.definition ?? null;
      return definition && { ...identityOf(definition), interfaces: [] };
    },
    async readGuest(server) {
      const guest = guests.get(server);
      return guest === undefined || guest.live === null || guest.power === 'shutdown'
        ? null
        : readingOf(guest.live);
    },
    guests: async () => allThere(),
    async *watch(signal) {
      const coming = on(changes, 'guest', { signal });
      try {
        yield* allThere();
        for await (const [guest] of coming) yield guest as GuestObservation;
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    async consoleLog(server, lines) {
      const text = consoleOf(guests.get(server)?.console ?? '');
      return lines === null ? text : consoleTail(text, lines);
    },
    close: async () => undefined,
  };
}

/** The guest with other interfaces: in its definition, and live if it runs. */
function withMacs(
  guest: SimulatedGuest,
  change: (macs: readonly string[]) => readonly string[],
): SimulatedGuest {
  const changed = <Held extends SimulatedDefinition | null>(held: Held): Held => {
    if (held === null) return held;
    const { macs: before = [], ...rest } = held;
    const macs = change(before);
    return (macs.length === 0 ? rest : { ...rest, macs }) as Held;
  };
  return { ...guest, definition: changed(guest.definition), live: changed(guest.live) };
}

function fresh(serverId: ServerId): SimulatedGuest {
  return {
    serverId,
    power: 'shutdown',
    definition: null,
    live: null,
    savedMemory: false,
    kept: {},
    disks: {},
    console: '',
  };
}

function observationOf(guest: SimulatedGuest | undefined, serverId: ServerId): GuestObservation {
  return { serverId, power: guest?.definition || guest?.live ? guest.power : 'absent' };
}

function notRunning(server: ServerId): Failure {
  return new Failure('conflict', `The guest of server ${server} does not run.`);
}
