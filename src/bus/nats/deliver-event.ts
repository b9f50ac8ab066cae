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
 * Milliseconds before an event that no replica could handle for now is delivered again: doubles from the
 * first to the second.
 */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;

interface DeliveryParts {
  readonly link: NatsLink;
  readonly complain: Complain;
}

/**
 * Parses one message of a stream, hands it to the listener and replies to its publisher.
 * @param to.host who published it: NATS lets only this host use the subject, whatever the message says
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
  const reply = (said: ReplyMessage) =>
    link.publish(inboxSubject(host, envelope.teller, `${envelope.id}`), encode(said));
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
