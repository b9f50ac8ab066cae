import { type DomainEvent, lifecycleEvents } from 'libvirt-rpc';
import { Backoff } from '../../../async/backoff.ts';
import { onAbort } from '../../../async/on-abort.ts';
import { pause } from '../../../async/pause.ts';
import { settlesWithin } from '../../../async/settles-within.ts';
import type { GuestObservation } from '../../../model/guest.ts';
import type { ServerId } from '../../../model/ids.ts';
import type { LibvirtLink } from '../connection/libvirt-link.ts';

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;

/**
 * Pauses between looks at all guests. libvirt sends no event for a guest that ends while a daemon that was
 * started again is still connecting to it (`qemuProcessReconnect`): so often at first, and then rarely.
 */
const FIRST_POLL_MS = 1_000;
const MAX_POLL_MS = 60_000;

/** Events after which a guest's power is what it was. */
const WITHOUT_POWER: readonly number[] = [lifecycleEvents.defined.event, lifecycleEvents.shutdown.event];

/** How the watch looks at guests. */
export interface WatchedGuests {
  isOurs(server: ServerId): Promise<boolean>;
  observe(server: ServerId): Promise<GuestObservation>;
  all(): Promise<GuestObservation[]>;
}

/** The power of each guest, as it was told last. */
type ReportedPower = Map<ServerId, GuestObservation['power']>;

/**
 * Every guest's power as it is, and then as it changes, as libvirt tells it; a look from time to time finds
 * what it had no event for. When the daemon goes away the watch comes back to it and tells of every guest
 * again.
 */
export async function* watchGuests(
  link: LibvirtLink,
  guests: WatchedGuests,
  signal: AbortSignal,
): AsyncGenerator<GuestObservation, void, undefined> {
  const backoff = new Backoff({ first: FIRST_PAUSE_MS, longest: MAX_PAUSE_MS });
  while (!signal.aborted) {
    try {
      for await (const observation of watchOnce(link, guests, signal)) {
        backoff.reset();
        yield observation;
      }
    } catch {
      // The daemon is away; the calls of others say so to those who ask.
    }
    await pause(backoff.next(), signal);
  }
}

async function* watchOnce(
  link: LibvirtLink,
  guests: WatchedGuests,
  signal: AbortSignal,
): AsyncGenerator<GuestObservation, void, undefined> {
  const client = await link.client();
  const events = await client.events('lifecycle');
  const stop = () => void events.close().catch(() => {});
  using _abort = onAbort(signal, stop);
  try {
    if (signal.aborted) return;
    const told: ReportedPower = new Map();
    let next = events.next();
    const looks = new Backoff({ first: FIRST_POLL_MS, longest: MAX_POLL_MS });
    for (;;) {
      yield* look(guests, told);
      const lookAgainAt = performance.now() + looks.next();
      while (await settlesWithin(next, lookAgainAt - performance.now())) {
        const { done, value } = await next;
        if (done) return;
        next = events.next();
        yield* tellOf(value, guests, told);
      }
    }
  } finally {
    stop();
  }
}

/** Tells of the guests whose power is not what was told last. */
async function* look(
  guests: WatchedGuests,
  told: ReportedPower,
): AsyncGenerator<GuestObservation, void, undefined> {
  const all = await guests.all();
  const changed = all.filter(({ serverId, power }) => told.get(serverId) !== power);
  told.clear();
  for (const { serverId, power } of all) told.set(serverId, power);
  yield* changed;
}

async function* tellOf(
  { domain, event }: DomainEvent<'lifecycle'>,
  guests: WatchedGuests,
  told: ReportedPower,
): AsyncGenerator<GuestObservation, void, undefined> {
  const server = domain.uuid as ServerId;
  if (WITHOUT_POWER.includes(event) || !(await guests.isOurs(server))) return;
  const observation = await guests.observe(server);
  told.set(server, observation.power);
  yield observation;
}
