import { setTimeout as delay } from 'node:timers/promises';
import {
  AckPolicy,
  DiscardPolicy,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import type { AgentNews } from '../../model/command.ts';
import { asFailure, Failure, type FailureKind } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import type { BusLog, NatsConnection, NatsLink } from './connection.ts';
import { type Answered, decodeTold, encode, failed } from './messages.ts';
import { ALL_NEWS, hostOfNews, inboxSubject } from './subjects.ts';

const STREAM = 'NAMEPLATE_NEWS';
const REPLICAS = 'control';
const NANOSECONDS = 1_000_000;
/** News that nobody took in for so long say nothing any more: agents look again. Milliseconds. */
const LONGEST_WAIT_MS = 60 * 60_000;
/** How many news one replica takes at a time. */
const AT_A_TIME = 64;
const MOST_UNDER_WAY = 1_000;
/** Milliseconds before news are given to a replica once more, when one could not take them in for now: doubles from the first to the second. */
const AGAIN_MS = 1_000;
const LONGEST_AGAIN_MS = 30_000;
const WORTH_ANOTHER_TRY: readonly FailureKind[] = ['unavailable', 'outcome-unknown'];

export interface HearingParts {
  readonly link: NatsLink;
  readonly log: BusLog;
  /** How long after a replica went silent another one is given its news, milliseconds. */
  readonly redeliverMs: number;
}

/**
 * Hears the news of all hosts, each told to one of the replicas that hear; those of one host one at a time, in order.
 * @throws {Failure} `unavailable` when the NATS server has no JetStream
 */
export async function hearNews(
  parts: HearingParts,
  listener: (news: AgentNews) => Promise<void>,
): Promise<void> {
  const heard = new Map<HostName, Promise<void>>();
  const inTurn = (host: HostName, work: () => Promise<void>) => {
    const mine = (heard.get(host) ?? Promise.resolve()).then(work).catch((error: Error) => {
      parts.log('warn', 'news were not answered', { host, why: error.message });
    });
    heard.set(host, mine);
    void mine.then(() => heard.get(host) === mine && heard.delete(host));
  };
  await parts.link.withEach(async (connection, lost) => {
    await ensureStream(connection, parts.redeliverMs);
    void consume(connection, lost, (message) => {
      const host = hostOfNews(message.subject);
      if (host === undefined) message.term();
      else inTurn(host, () => takeIn(parts, message, { host, listener }));
    });
  });
}

async function ensureStream(connection: NatsConnection, redeliverMs: number): Promise<void> {
  try {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({
      name: STREAM,
      subjects: [ALL_NEWS],
      retention: RetentionPolicy.Workqueue,
      storage: StorageType.File,
      discard: DiscardPolicy.Old,
      max_msgs_per_subject: 1,
      max_age: LONGEST_WAIT_MS * NANOSECONDS,
    });
    await manager.consumers.add(STREAM, {
      durable_name: REPLICAS,
      ack_policy: AckPolicy.Explicit,
      ack_wait: redeliverMs * NANOSECONDS,
      max_ack_pending: MOST_UNDER_WAY,
    });
  } catch (error) {
    if (connection.isClosed()) throw error;
    throw new Failure('unavailable', 'The bus keeps no news.', {
      operatorText: `NATS must have JetStream enabled, and the credentials must be the control plane's: ${(error as Error).message}`,
      cause: error,
    });
  }
}

/** Takes messages until the connection is lost. */
async function consume(
  connection: NatsConnection,
  lost: AbortSignal,
  take: (message: JsMsg) => void,
): Promise<void> {
  while (!lost.aborted && !connection.isClosed()) {
    try {
      const consumer = await jetstream(connection).consumers.get(STREAM, REPLICAS);
      const messages = await consumer.consume({ max_messages: AT_A_TIME });
      lost.addEventListener('abort', () => messages.stop(), { once: true });
      for await (const message of messages) take(message);
    } catch {
      // The server is on its way down or up: the link tells of it.
    }
    await delay(AGAIN_MS, undefined, { signal: lost }).catch(() => undefined);
  }
}

async function takeIn(
  { link, log, redeliverMs }: HearingParts,
  message: JsMsg,
  to: { readonly host: HostName; readonly listener: (news: AgentNews) => Promise<void> },
): Promise<void> {
  const { host, listener } = to;
  const told = decodeTold(message.data);
  if (told === undefined) return message.term();
  const answer = (said: Answered) =>
    link.publish(inboxSubject(host, told.teller, `${told.id}`), encode(said));
  const { told: news } = told;
  const about = news.news === 'host' ? news.report?.name : news.host;
  if (about !== host) {
    message.term();
    log('error', 'a host told news in the name of another: they are not believed', { host, about });
    return answer(failed(new Failure('forbidden', `Host ${host} cannot tell news of host ${about}.`)));
  }
  const atWork = setInterval(() => message.working(), redeliverMs / 3);
  try {
    await listener(news);
    message.ack();
    answer({ done: true });
  } catch (error) {
    const failure = asFailure(error);
    if (WORTH_ANOTHER_TRY.includes(failure.kind))
      return message.nak(Math.min(AGAIN_MS * 2 ** (message.info.deliveryCount - 1), LONGEST_AGAIN_MS));
    message.term();
    answer(failed(failure));
  } finally {
    clearInterval(atWork);
  }
}
