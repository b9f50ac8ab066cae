import { deadline } from '../../async/deadline.ts';
import type { Bus } from '../../bus/bus.ts';
import { asFailure } from '../../model/failure.ts';
import type { GuestReading } from '../../model/guest-reading.ts';
import type { ServerId } from '../../model/ids.ts';
import type { Log } from '../../model/log.ts';
import type { Operation } from '../../model/operation.ts';
import type { Server } from '../../model/server.ts';
import type { Store } from '../../store/promise/store.ts';
import { followGuest, LOOK_MS } from './follow-guest.ts';
import { readBack, readGuest } from './read-back.ts';
import type { RecentHosts } from './recent-hosts.ts';
import type { OperationKind } from './step.ts';
import { failureAtEnd } from './write-transition.ts';

interface LookingParts {
  readonly store: Store;
  readonly bus: Bus;
  readonly hosts: RecentHosts;
  readonly now: () => number;
  readonly log: Log;
}

/** What the guest reads that an operation leaves running; null where it leaves none. */
export async function readingAtEnd(
  { bus, hosts, log, now }: LookingParts,
  { kind, ended, server }: { kind: OperationKind; ended: Operation; server: Server },
): Promise<GuestReading | null> {
  if (failureAtEnd(kind, ended) !== null) return null;
  const after = { ...server, ...kind.finished({ operation: ended, server, now: now() }) };
  if (after.host === null || (after.powerState !== 'running' && after.powerState !== 'paused')) return null;
  try {
    return await readGuest({ bus }, after.id, (await hosts.recent()).candidates.get(after.host)?.host);
  } catch (error) {
    log('guest-unread', { server: after.id, host: after.host, why: asFailure(error).operatorText });
    return null;
  }
}

/**
 * Observes the guest on the server's own host after an undo failed: the effect of the step is unknown.
 */
export async function seenGuest({ store, bus, log }: LookingParts, { serverId }: Operation) {
  const server = await store.servers.find(serverId);
  if (server === undefined || server.host === null) return null;
  try {
    const look = { verb: 'observe', server: serverId } as const;
    using time = deadline(LOOK_MS);
    return (await bus.request(server.host, look, time.signal)).power;
  } catch (error) {
    log('guest-unobserved', { server: serverId, why: asFailure(error).operatorText });
    return null;
  }
}

/**
 * Observes the guest again after a failed operation, which may have changed its power: events of a guest are
 * ignored while an operation is under way.
 */
export async function lookAgain(parts: LookingParts, id: ServerId): Promise<void> {
  try {
    await followGuest(parts, id);
    await readBack(parts, id);
  } catch (error) {
    parts.log('guest-unobserved', { server: id, why: asFailure(error).operatorText });
  }
}
