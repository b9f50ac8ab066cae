import { pause } from '../async/pause.ts';
import { untilAborted } from '../async/until-aborted.ts';
import type { AgentEvent } from '../model/command.ts';
import { asFailure, type Failure } from '../model/failure.ts';
import type { ServerId } from '../model/ids.ts';
import { MAX_INVENTORY } from '../model/messages/events.ts';
import { heldServers } from './held-servers.ts';
import type { AgentParts } from './parts.ts';

/** Number of tries to publish an event, and the milliseconds between them. */
const MAX_TRIES = 600;
const RETRY_MS = 1_000;

/**
 * The parts for publishing events. `onLost`: an event may never be handled, because an overloaded control
 * plane drops events.
 */
export type Publishing = AgentParts & { onLost(): void };

/**
 * Publishes the power of each guest whenever the driver reports it. If the host resumes guests, the first
 * event of a guest that is off has `atStart`, because the guest may have stopped with the host.
 */
export async function publishGuests(parts: Publishing, signal: AbortSignal): Promise<void> {
  const { host, resumesGuests = false } = parts;
  const seen = new Set<ServerId>();
  for await (const guest of parts.driver.watch(signal)) {
    const isFirst = resumesGuests && !seen.has(guest.serverId);
    if (isFirst) seen.add(guest.serverId);
    const isOff = guest.power !== 'running' && guest.power !== 'paused';
    const atStart = isFirst && isOff ? { atStart: true as const } : {};
    await publishWithRetry(parts, { type: 'guest', host, guest, ...atStart }, signal);
  }
}

/** Publishes the power of all guests once more. */
export async function resyncGuests(parts: Publishing, signal: AbortSignal): Promise<void> {
  const { host, driver, log } = parts;
  try {
    for (const guest of await driver.guests())
      if (!signal.aborted) await publishWithRetry(parts, { type: 'guest', host, guest }, signal);
  } catch (error) {
    log('resync-failed', { host, why: asFailure(error).operatorText });
  }
}

/**
 * Publishes what the host holds of servers once, at the agent's start. Guest events do not cover disks and
 * ports without a guest, such as those that were to be deleted when the host went down.
 */
export async function publishInventory(parts: Publishing, signal: AbortSignal): Promise<void> {
  const { host, log } = parts;
  try {
    const all = await heldServers(parts);
    for (let at = 0; at < all.length && !signal.aborted; at += MAX_INVENTORY) {
      const servers = all.slice(at, at + MAX_INVENTORY);
      await publishWithRetry(parts, { type: 'inventory', host, servers }, signal);
    }
  } catch (error) {
    log('inventory-failed', { host, why: asFailure(error).operatorText });
  }
}

/**
 * Publishes an event, with retries: otherwise the control plane would miss a guest that powered off while
 * the bus was down.
 */
async function publishWithRetry(parts: Publishing, event: AgentEvent, signal: AbortSignal): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      return await untilAborted(parts.bus.publish(event), signal);
    } catch (error) {
      const failure = asFailure(error);
      const again = isWorthRetry(failure, event) && tried < MAX_TRIES && !signal.aborted;
      if (!again || tried === 1)
        parts.log(again ? 'event-delayed' : 'event-rejected', {
          ...(event.type === 'guest' ? { server: event.guest.serverId } : { type: event.type }),
          why: failure.operatorText,
        });
      if (!again && failure.kind === 'outcome-unknown') parts.onLost();
      if (!again) return;
      await pause(RETRY_MS, signal);
    }
  }
}

/**
 * No later event repeats the state of a guest at the agent's start, so that event is retried until it has
 * been handled.
 */
function isWorthRetry({ kind }: Failure, event: AgentEvent): boolean {
  if (kind === 'unavailable') return true;
  return kind === 'outcome-unknown' && event.type === 'guest' && event.atStart === true;
}
