import {
  AckPolicy,
  DiscardPolicy,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { onAbort } from '../../async/on-abort.ts';
import { pause } from '../../async/pause.ts';
import { Failure } from '../../model/failure.ts';
import type { NatsConnection } from './connection.ts';
import { EVENTS, EVENTS_OF_0_1, type HostStream, REPORTS } from './streams.ts';

/** One message of a stream, to be acknowledged, refused for good (`term`) or for now (`nak`). */
export type StreamMessage = JsMsg;

const NANOSECONDS = 1_000_000;
/** What nobody took in for so long says nothing any more: agents look again. Milliseconds. */
const MAX_WAIT_MS = 60 * 60_000;
/** The consumer of both streams: each message goes to one replica. */
const REPLICAS = 'control';
const MAX_IN_FLIGHT = 1_000;
/** How many messages of a stream one replica takes at a time. */
const AT_A_TIME = 64;
/** Milliseconds before a replica asks for a consumer again that it could not have. */
const AGAIN_MS = 1_000;

/**
 * Makes the streams and their consumers, or brings those of an older release up to date.
 * @throws {Failure} `unavailable` when the NATS server has no JetStream
 */
export async function ensureStreams(connection: NatsConnection, redeliverMs: number): Promise<void> {
  try {
    const manager = await jetstreamManager(connection);
    // Events first: the stream of 0.1 took reports too, and two streams cannot share a subject.
    for (const stream of [EVENTS, REPORTS, EVENTS_OF_0_1]) {
      const config = configOf(stream);
      await manager.streams.add(config).catch(() => manager.streams.update(stream.name, config));
      await manager.consumers.add(stream.name, {
        durable_name: REPLICAS,
        ack_policy: AckPolicy.Explicit,
        ack_wait: redeliverMs * NANOSECONDS,
        max_ack_pending: MAX_IN_FLIGHT,
      });
    }
  } catch (error) {
    if (connection.isClosed()) throw error;
    throw new Failure('unavailable', 'The bus keeps no events.', {
      operatorText: `NATS must have JetStream enabled, and the credentials must be the control plane's: ${(error as Error).message}`,
      cause: error,
    });
  }
}

function configOf(stream: HostStream): Partial<StreamConfig> & { name: string } {
  return {
    name: stream.name,
    subjects: [...stream.subjects],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_msgs_per_subject: stream.mostOfSubject,
    max_msg_size: stream.largest,
    max_bytes: stream.most,
    max_age: MAX_WAIT_MS * NANOSECONDS,
    // The server would send an acknowledgement to whatever subject the publisher names: a host could have one
    // sent in another's name.
    no_ack: true,
  };
}

/** Takes messages until the connection is lost. */
export async function consume(
  connection: NatsConnection,
  lost: AbortSignal,
  { stream, take }: { readonly stream: HostStream; readonly take: (message: StreamMessage) => void },
): Promise<void> {
  while (!lost.aborted && !connection.isClosed()) {
    try {
      const consumer = await jetstream(connection).consumers.get(stream.name, REPLICAS);
      const messages = await consumer.consume({ max_messages: AT_A_TIME });
      using _stop = onAbort(lost, () => messages.stop());
      for await (const message of messages) take(message);
    } catch {
      // The server is on its way down or up: the link tells of it.
    }
    await pause(AGAIN_MS, lost);
  }
}
