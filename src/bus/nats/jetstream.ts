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

/**
 * A message of a stream. Its receiver acknowledges it, or refuses it for ever (`term`) or for now (`nak`).
 */
export type StreamMessage = JsMsg;

const NANOSECONDS = 1_000_000;
/**
 * Age at which an unhandled message is dropped as obsolete. Agents publish their state again. Milliseconds.
 */
const MAX_WAIT_MS = 60 * 60_000;
/** The name of the consumer of each stream, which delivers each message to one replica. */
const REPLICAS = 'control';
const MAX_IN_FLIGHT = 1_000;
/** Messages of a stream that one replica handles at once. */
const MAX_AT_ONCE = 64;
/** Milliseconds before a replica requests a consumer again after a failure. */
const RETRY_MS = 1_000;

/**
 * Creates the streams and their consumers, or updates those of an older release.
 * @throws {Failure} `unavailable` when the NATS server has no JetStream
 */
export async function ensureStreams(connection: NatsConnection, redeliverMs: number): Promise<void> {
  try {
    const manager = await jetstreamManager(connection);
    // Events first: the event stream of 0.1 included reports, and two streams cannot share a subject.
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
    throw new Failure('unavailable', 'The bus cannot store events.', {
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
    max_msgs_per_subject: stream.maxPerSubject,
    max_msg_size: stream.maxMessageBytes,
    max_bytes: stream.maxBytes,
    max_age: MAX_WAIT_MS * NANOSECONDS,
    // The server would send an acknowledgement to any subject that the publisher names: a host could so send
    // a message in another host's name.
    no_ack: true,
  };
}

/** Handles messages until the connection is lost. */
export async function consume(
  connection: NatsConnection,
  lost: AbortSignal,
  { stream, take }: { readonly stream: HostStream; readonly take: (message: StreamMessage) => void },
): Promise<void> {
  while (!lost.aborted && !connection.isClosed()) {
    try {
      const consumer = await jetstream(connection).consumers.get(stream.name, REPLICAS);
      const messages = await consumer.consume({ max_messages: MAX_AT_ONCE });
      using _stop = onAbort(lost, () => messages.stop());
      for await (const message of messages) take(message);
    } catch {
      // The server is stopping or starting. The link logs that.
    }
    await pause(RETRY_MS, lost);
  }
}
