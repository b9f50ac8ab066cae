import type { AgentNews } from '../../model/command.ts';
import { asFailure, type FailureKind } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import { parseEvent } from '../../model/messages/parse-event.ts';
import type { Complain } from './complaints.ts';
import type { NatsLink } from './connection.ts';
import type { StreamMessage } from './jetstream.ts';
import { type Answered, decodeTold, encode, failed } from './messages.ts';
import { inboxSubject } from './subjects.ts';

/** Milliseconds before an event is given to a replica once more, when one could not take it in for now: doubles from the first to the second. */
const AGAIN_MS = 1_000;
const LONGEST_AGAIN_MS = 30_000;
const WORTH_ANOTHER_TRY: readonly FailureKind[] = ['unavailable', 'outcome-unknown'];

interface TakingParts {
  readonly link: NatsLink;
  readonly complain: Complain;
}

/**
 * Parses one message of a stream, hands it to the listener and answers its teller.
 * @param to.host who told it: NATS lets only this host use the subject, whatever the message says
 */
export async function takeIn(
  { link, complain }: TakingParts,
  message: StreamMessage,
  to: { readonly host: HostName; readonly listener: (news: AgentNews) => Promise<void> },
): Promise<void> {
  const { host, listener } = to;
  const envelope = decodeTold(message.data);
  if (envelope === undefined) {
    message.term();
    return complain(host, 'warn', 'it is no event');
  }
  const answer = (said: Answered) =>
    link.publish(inboxSubject(host, envelope.teller, `${envelope.id}`), encode(said));
  let event: AgentNews;
  try {
    event = parseEvent(envelope.told, host);
  } catch (error) {
    message.term();
    complain(host, 'error', asFailure(error).operatorText);
    return answer(failed(error));
  }
  try {
    await listener(event);
    message.ack();
    answer({ done: true });
  } catch (error) {
    const failure = asFailure(error);
    if (WORTH_ANOTHER_TRY.includes(failure.kind))
      return message.nak(Math.min(AGAIN_MS * 2 ** (message.info.deliveryCount - 1), LONGEST_AGAIN_MS));
    message.term();
    answer(failed(failure));
  }
}
