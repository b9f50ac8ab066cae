import { setTimeout as delay } from 'node:timers/promises';
import { lifecycleEvents } from 'libvirt-rpc';
import type { GuestObservation } from '../../../model/guest.ts';
import type { ServerId } from '../../../model/ids.ts';
import type { LibvirtLink } from '../connection/libvirt-link.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Events after which a guest's power is what it was. */
const WITHOUT_POWER: readonly number[] = [lifecycleEvents.defined.event, lifecycleEvents.shutdown.event];

/** How the watch looks at guests. */
export interface WatchedGuests {
  isOurs(server: ServerId): Promise<boolean>;
  observe(server: ServerId): Promise<GuestObservation>;
  all(): Promise<GuestObservation[]>;
}

/**
 * Every guest's power as it is, and then as it changes, as libvirt tells it. When the daemon goes away the watch
 * comes back to it and tells of every guest again: what happened in between has no event.
 */
export async function* watchGuests(
  link: LibvirtLink,
  guests: WatchedGuests,
  signal: AbortSignal,
): AsyncGenerator<GuestObservation, void, undefined> {
  let pause = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      for await (const observation of watchOnce(link, guests, signal)) {
        pause = FIRST_PAUSE_MS;
        yield observation;
      }
    } catch {
      // The daemon is away; the calls of others say so to those who ask.
    }
    await delay(pause, undefined, { signal }).catch(() => {});
    pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
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
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) return;
    yield* await guests.all();
    for await (const { domain, event } of events) {
      if (WITHOUT_POWER.includes(event)) continue;
      const server = domain.uuid as ServerId;
      if (await guests.isOurs(server)) yield await guests.observe(server);
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}
