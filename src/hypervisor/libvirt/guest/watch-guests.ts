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
 * Pauses between polls of all guests. libvirt sends no event for a guest that ends while a restarted daemon
 * is reconnecting to it (`qemuProcessReconnect`), so polls are frequent at first and rare later.
 */
const FIRST_POLL_MS = 1_000;
const MAX_POLL_MS = 60_000;

/** Events that do not change a guest's power. */
const WITHOUT_POWER: readonly number[] = [lifecycleEvents.defined.event, lifecycleEvents.shutdown.event];

/** How to observe guests. */
export interface WatchedGuests {
  isOurs(server: ServerId): Promise<boolean>;
  observe(server: ServerId): Promise<GuestObservation>;
  all(): Promise<GuestObservation[]>;
}

/** The power of each guest that was reported last. */
type ReportedPower = Map<ServerId, GuestObservation['power']>;

/**
 * Yields every guest's power, and then each change. Changes come from libvirt's events, and from polls for
 * changes without an event. After the daemon was away it reconnects and yields every guest again.
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
      // The daemon is away. Calls on guests report that.
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
    const reported: ReportedPower = new Map();
    let next = events.next();
    const looks = new Backoff({ first: FIRST_POLL_MS, longest: MAX_POLL_MS });
    for (;;) {
      yield* poll(guests, reported);
      const nextPollAt = performance.now() + looks.next();
      while (await settlesWithin(next, nextPollAt - performance.now())) {
        const { done, value } = await next;
        if (done) return;
        next = events.next();
        yield* changeOf(value, guests, reported);
      }
    }
  } finally {
    stop();
  }
}

/** Yields guests whose power differs from the last report. */
async function* poll(
  guests: WatchedGuests,
  reported: ReportedPower,
): AsyncGenerator<GuestObservation, void, undefined> {
  const all = await guests.all();
  const changed = all.filter(({ serverId, power }) => reported.get(serverId) !== power);
  reported.clear();
  for (const { serverId, power } of all) reported.set(serverId, power);
  yield* changed;
}

async function* changeOf(
  { domain, event }: DomainEvent<'lifecycle'>,
  guests: WatchedGuests,
  reported: ReportedPower,
): AsyncGenerator<GuestObservation, void, undefined> {
  const server = domain.uuid as ServerId;
  if (WITHOUT_POWER.includes(event) || !(await guests.isOurs(server))) return;
  const observation = await guests.observe(server);
  reported.set(server, observation.power);
  yield observation;
}
