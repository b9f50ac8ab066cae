import { randomUUID } from 'node:crypto';
import type { Bus } from '../bus/bus.ts';
import type { AgentNews, HostReport } from '../model/command.ts';
import { asFailure } from '../model/failure.ts';
import type { GuestObservation, HeldFiles } from '../model/guest.ts';
import type { HostName, ServerId } from '../model/ids.ts';
import type { Server, ServerPatch } from '../model/server.ts';
import type { Store } from '../store/store.ts';
import { within } from './deadline.ts';
import { type KnownServer, knownServer, knownServers } from './known-server.ts';
import { isToResume, type ResumeGuest } from './resumable.ts';
import { clearSets, clearStaleGuest, isStale, leftOf } from './stale-guests.ts';
import type { Log } from './tell.ts';
import { watchIdentities } from './watch-identities.ts';

/** How long a host may take to look at a guest again. Milliseconds. */
export const LOOK_MS = 10_000;

/** What following guests needs. */
interface FollowingParts {
  readonly store: Store;
  readonly bus: Bus;
  readonly now: () => number;
  readonly log: Log;
  /** Absent where guests are looked at and nothing is begun. */
  readonly resumeGuest?: ResumeGuest;
}

/** Takes in what agents tell: hosts are registered and renewed, servers follow their guests. */
export function newsTaker(parts: FollowingParts): (news: AgentNews) => Promise<void> {
  const { store } = parts;
  const watch = watchIdentities(parts);
  return async (news) => {
    if (news.news === 'host') return watch(await store.hosts.report(believed(news.report, parts.now())));
    if (news.news === 'held') return lookAtHeld(parts, news);
    const server = await knownServer(store, news.guest.serverId);
    if (server === undefined) return;
    if (isStale(server, news.host)) return endStale(parts, server, news.host);
    if (server.host !== news.host) return;
    // News may be old, so a guest is looked at again before its server follows it.
    if (powerChange(server, news.guest) === undefined) return;
    if (news.atStart && (await resume(parts, server.id))) return;
    await followGuest(parts, server.id);
  };
}

/** Starts a server whose host came back without its guest. @returns whether it is to be running */
async function resume({ store, bus, resumeGuest }: FollowingParts, id: ServerId): Promise<boolean> {
  const server = await store.servers.find(id);
  if (resumeGuest === undefined || server === undefined || server.host === null) return false;
  const look = { verb: 'observe', server: id } as const;
  const { host } = server;
  const guest = await within(LOOK_MS, (signal) => bus.request(host, look, signal));
  if (!isToResume(server, guest)) return false;
  await resumeGuest(server);
  return true;
}

/**
 * A report as it is stored. When it came, the control plane says: hosts' clocks may be wrong. So it does for ids, which are kept once they are stored:
 * a host could take another's.
 */
function believed(report: HostReport, now: number): HostReport {
  return { ...report, lastSeenAt: now, hypervisorId: randomUUID(), serviceId: randomUUID() };
}

async function endStale(parts: FollowingParts, server: KnownServer, host: HostName): Promise<void> {
  const { log } = parts;
  log('warn', 'a guest is ended on a host that its server has left', { server: server.id, host });
  await clearing(parts, server, () => clearStaleGuest(parts, server, host));
}

/** Takes away what servers have left on a host, or what they have no use for any more. */
async function lookAtHeld(
  parts: FollowingParts,
  { host, held }: AgentNews & { readonly news: 'held' },
): Promise<void> {
  const sets = new Map(held.map((each) => [each.serverId, each]));
  for (const server of await knownServers(parts.store, [...sets.keys()])) {
    const left = leftOf(server, host, sets.get(server.id) as HeldFiles);
    if (left.length === 0) continue;
    parts.log('warn', 'disks are taken away that no server uses', { server: server.id, host, sets: left });
    await clearing(parts, server, () =>
      left === 'all' ? clearStaleGuest(parts, server, host) : clearSets(parts, server, { host, sets: left }),
    );
  }
}

async function clearing(
  { log }: FollowingParts,
  { id: server }: KnownServer,
  clear: () => Promise<void>,
): Promise<void> {
  try {
    await clear();
  } catch (error) {
    const why = asFailure(error).operatorText;
    const what =
      'what a server has left could not be taken away; it is tried again when the host tells of it';
    log('warn', what, { server, why });
  }
}

/**
 * Looks at a server's guest, and lets the server follow it.
 * @throws {Failure} when its host does not answer
 */
export async function followGuest({ store, bus, now, log }: FollowingParts, id: ServerId): Promise<void> {
  const server = await store.servers.find(id);
  if (server === undefined || server.host === null || server.taskState !== null) return;
  const look = { verb: 'observe', server: id } as const;
  const { host } = server;
  const guest = await within(LOOK_MS, (signal) => bus.request(host, look, signal));
  await store.holding(async (tx) => {
    const seen = await tx.servers.find(id);
    if (seen?.generation !== server.generation) return; // an operation came between: it knows better
    const patch = powerChange(seen, guest);
    if (patch === undefined) return;
    await tx.servers.update(seen, { ...patch, updatedAt: now() });
    log('info', 'a server follows its guest', { server: id, ...patch });
  });
}

/**
 * What a guest's power says of its server, when nothing is being done to it (nova/compute/manager.py _sync_instance_power_state). Pure.
 * @returns undefined when the server agrees already
 */
export function powerChange(
  server: Pick<Server, 'vmState' | 'taskState' | 'powerState'>,
  guest: GuestObservation,
): ServerPatch | undefined {
  if (server.taskState !== null || guest.power === server.powerState) return undefined;
  const ended = guest.power === 'shutdown' || guest.power === 'crashed' || guest.power === 'absent';
  const powerState = guest.power === 'absent' ? 'nostate' : guest.power;
  if (ended && (server.vmState === 'active' || server.vmState === 'paused'))
    return { vmState: 'stopped', powerState };
  if (server.vmState === 'deleted' || server.vmState === 'building') return undefined;
  return powerState === server.powerState ? undefined : { powerState };
}
