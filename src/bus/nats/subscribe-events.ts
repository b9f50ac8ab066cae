import { setTimeout as delay } from 'node:timers/promises';
import type { AgentEvent } from '../../model/command.ts';
import type { Log } from '../../model/log.ts';
import { complainer } from './complaints.ts';
import type { NatsLink } from './connection.ts';
import { deliverEvent } from './deliver-event.ts';
import { createHostQueues, type HostLimits } from './host-queues.ts';
import { consume, ensureStreams, type StreamMessage } from './jetstream.ts';
import { EVENTS, EVENTS_OF_0_1, REPORTS } from './streams.ts';
import { hostOfEventSubject } from './subjects.ts';

/** Limits for reports. Agents report every ten seconds. */
const REPORT_LIMITS: HostLimits = { maxWaiting: 4, burst: 10, perSecond: 1 };
/** Limits for events. An agent publishes one event for each guest when it starts. */
const EVENT_LIMITS: HostLimits = { maxWaiting: 64, burst: 500, perSecond: 50 };

export interface SubscriptionParts {
  readonly link: NatsLink;
  readonly log: Log;
  /** How long after a replica went silent its unhandled events go to another one. Milliseconds. */
  readonly redeliverMs: number;
}

/**
 * Receives the events of all hosts. Each event goes to one of the subscribed replicas; events of one host
 * arrive one at a time, in order, and within the host's limits.
 * @throws {Failure} `unavailable` when the NATS server has no JetStream
 */
export async function subscribeEvents(
  parts: SubscriptionParts,
  listener: (event: AgentEvent) => Promise<void>,
): Promise<void> {
  const complain = complainer(parts.log, () => performance.now());
  const takers = [
    { stream: REPORTS, take: taker(REPORT_LIMITS) },
    { stream: EVENTS, take: taker(EVENT_LIMITS) },
    { stream: EVENTS_OF_0_1, take: taker(EVENT_LIMITS) },
  ];

  function taker(limits: HostLimits): (message: StreamMessage) => void {
    const queues = createHostQueues(limits, {
      now: () => performance.now(),
      wait: (milliseconds) => delay(milliseconds, undefined, { ref: false }),
    });
    return (message) => {
      const host = hostOfEventSubject(message.subject);
      if (host === undefined) return message.term();
      const working = setInterval(() => message.working(), parts.redeliverMs / 3);
      const queued = queues.push(host, async () => {
        await deliverEvent({ ...parts, complain }, message, { host, listener })
          .catch((error: Error) =>
            complain(host, 'host-event-dropped', `the reply to its event was not sent: ${error.message}`),
          )
          .finally(() => clearInterval(working));
      });
      if (queued) return;
      clearInterval(working);
      message.term();
      complain(host, 'host-event-dropped', 'it publishes more events than its limit; the rest are dropped');
    };
  }

  await parts.link.onEachConnection(async (connection, lost) => {
    await ensureStreams(connection, parts.redeliverMs);
    for (const { stream, take } of takers) void consume(connection, lost, { stream, take });
  });
}
