import type { AgentEvent } from '../../model/command.ts';
import { asFailure, isRetryable } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import { parseEvent } from '../../model/messages/parse-event.ts';
import type { Complain } from './complaints.ts';
import type { NatsLink } from './connection.ts';
import { eventFromWire } from './event-wire.ts';
import type { StreamMessage } from './jetstream.ts';
import { decodeEvent, encode, failed, type ReplyMessage } from './messages.ts';
import { inboxSubject } from './subjects.ts';

/**
 * Delay of the redelivery of an event that no replica can handle at the moment: doubles from the first to
 * the second value. Milliseconds.
 */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;

interface DeliveryParts {
  readonly link: NatsLink;
  readonly complain: Complain;
}

/**
 * Parses a message of a stream, passes its event to the listener and replies to the publisher.
 * @param to.host the publisher: NATS lets only this host use the subject, whatever the message says
 */
export async function deliverEvent(
  { link, complain }: DeliveryParts,
  message: StreamMessage,
  to: { readonly host: HostName; readonly listener: (event: AgentEvent) => Promise<void> },
): Promise<void> {
  const { host, listener } = to;
  const envelope = decodeEvent(message.data);
  if (envelope === undefined) {
    message.term();
    return complain(host, 'host-event-dropped', 'malformed event');
  }
  const reply = (message: ReplyMessage) =>
    link.publish(inboxSubject(host, envelope.teller, `${envelope.id}`), encode(message));
  let event: AgentEvent;
  try {
    event = parseEvent(eventFromWire(envelope.told), { host, protocol: envelope.protocol });
  } catch (error) {
    message.term();
    complain(host, 'host-event-refused', asFailure(error).operatorText);
    return reply(failed(error));
  }
  try {
    await listener(event);
    message.ack();
    reply({ done: true });
  } catch (error) {
    const failure = asFailure(error);
    if (isRetryable(failure.kind))
      return message.nak(Math.min(RETRY_MS * 2 ** (message.info.deliveryCount - 1), MAX_RETRY_MS));
    message.term();
    reply(failed(failure));
  }
}
