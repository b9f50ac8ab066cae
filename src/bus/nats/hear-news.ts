import { setTimeout as delay } from 'node:timers/promises';
import type { AgentNews } from '../../model/command.ts';
import { complainer } from './complaints.ts';
import type { BusLog, NatsLink } from './connection.ts';
import { createHostQueues, type HostLimits } from './host-queues.ts';
import { consume, ensureStreams, type StreamMessage } from './jetstream.ts';
import { EVENTS, REPORTS } from './streams.ts';
import { hostOfNews } from './subjects.ts';
import { takeIn } from './take-in.ts';

/** Agents report every ten seconds. */
const REPORT_LIMITS: HostLimits = { most: 4, burst: 10, perSecond: 1 };
/** An agent tells of one guest after another when it starts. */
const EVENT_LIMITS: HostLimits = { most: 64, burst: 500, perSecond: 50 };

export interface HearingParts {
  readonly link: NatsLink;
  readonly log: BusLog;
  /** How long after a replica went silent another one is given its news, milliseconds. */
  readonly redeliverMs: number;
}

/**
 * Hears what all hosts tell, each event in one of the replicas that hear: those of one host one at a time, in order, and no more of one
 * host than its limits allow.
 * @throws {Failure} `unavailable` when the NATS server has no JetStream
 */
export async function hearNews(
  parts: HearingParts,
  listener: (news: AgentNews) => Promise<void>,
): Promise<void> {
  const complain = complainer(parts.log, () => performance.now());
  const takers = [
    { stream: REPORTS, take: taker(REPORT_LIMITS) },
    { stream: EVENTS, take: taker(EVENT_LIMITS) },
  ];

  function taker(limits: HostLimits): (message: StreamMessage) => void {
    const queues = createHostQueues(limits, {
      now: () => performance.now(),
      wait: (milliseconds) => delay(milliseconds, undefined, { ref: false }),
    });
    return (message) => {
      const host = hostOfNews(message.subject);
      if (host === undefined) return message.term();
      const working = setInterval(() => message.working(), parts.redeliverMs / 3);
      const queued = queues.push(host, async () => {
        await takeIn({ ...parts, complain }, message, { host, listener })
          .catch((error: Error) => complain(host, 'warn', `its event was not answered: ${error.message}`))
          .finally(() => clearInterval(working));
      });
      if (queued) return;
      clearInterval(working);
      message.term();
      complain(host, 'warn', 'it tells more than can be taken in; the rest is dropped');
    };
  }

  await parts.link.withEach(async (connection, lost) => {
    await ensureStreams(connection, parts.redeliverMs);
    for (const { stream, take } of takers) void consume(connection, lost, { stream, take });
  });
}
