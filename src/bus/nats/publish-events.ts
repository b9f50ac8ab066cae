import type { AgentEvent } from '../../model/command.ts';
import { Failure } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import { hostOf } from '../../model/messages/parse-event.ts';
import { PROTOCOL } from '../../model/protocol.ts';
import type { NatsLink } from './connection.ts';
import { eventToWire } from './event-wire.ts';
import { decodeReply, encode, failureFrom, type ReplyMessage } from './messages.ts';
import { EVENTS, REPORTS } from './streams.ts';
import { eventSubject, inboxSubject, reportSubject } from './subjects.ts';

/** Publishes events through a stream, which stores them until a replica has handled them. */
export interface EventPublisher {
  /**
   * @throws {Failure} the failure of the replica that handled it; `unavailable` when it was not published;
   *   `outcome-unknown` when it waits in the stream, and may be handled later
   */
  publish(event: AgentEvent): Promise<void>;
  /** Stops waiting for replies. */
  close(): void;
}

/** @param publisher unique among all publishers */
export function openEventPublisher(
  link: NatsLink,
  { publisher, handledMs }: { readonly publisher: string; readonly handledMs: number },
): EventPublisher {
  /** Publishers that wait for a reply, by the last token of its subject. */
  const waiting = new Map<string, (reply: ReplyMessage | 'no responders' | undefined) => void>();
  const inboxes = new Map<HostName, Promise<unknown>>();
  let count = 0;

  function subscribeInbox(host: HostName): Promise<unknown> {
    const subscribed = link.subscribe(
      inboxSubject(host, publisher, '*'),
      ({ subject, data, noResponders }) => {
        const reply = noResponders ? 'no responders' : decodeReply(data);
        if (reply !== undefined) waiting.get(subject.slice(subject.lastIndexOf('.') + 1))?.(reply);
      },
    );
    subscribed.catch(() => inboxes.delete(host));
    inboxes.set(host, subscribed);
    return subscribed;
  }

  /** The reply to one event; undefined when none came in time. */
  function expectReply(id: string) {
    const { promise, resolve } = Promise.withResolvers<ReplyMessage | 'no responders' | undefined>();
    waiting.set(id, resolve);
    const timer = setTimeout(resolve, handledMs, undefined);
    return promise.finally(() => {
      clearTimeout(timer);
      waiting.delete(id);
    });
  }

  return {
    async publish(event) {
      const host = hostOf(event);
      if (!link.isOpen()) throw notPublished('there is no connection to NATS');
      await (inboxes.get(host) ?? subscribeInbox(host));
      const id = ++count;
      const data = encode({ told: eventToWire(event), teller: publisher, id, protocol: PROTOCOL });
      const { maxMessageBytes } = event.type === 'host' ? REPORTS : EVENTS;
      if (data.length > maxMessageBytes) throw tooLarge(data.length, maxMessageBytes);
      const subject = event.type === 'host' ? reportSubject(host) : eventSubject(host);
      const expected = expectReply(`${id}`);
      // The stream itself acknowledges nothing: NATS answers only where there is no stream.
      link.publish(subject, data, inboxSubject(host, publisher, `${id}`));
      const reply = await expected;
      if (reply === 'no responders') throw notPublished('no control plane has been started on this bus yet');
      if (reply === undefined)
        throw new Failure('outcome-unknown', 'The control plane has not handled the event yet.', {
          operatorText: `An event of host ${host} waits in the stream for a replica of the control plane`,
        });
      if ('failed' in reply) throw failureFrom(reply.failed);
    },
    close() {
      for (const resolve of waiting.values()) resolve(undefined);
    },
  };
}

function tooLarge(size: number, maxMessageBytes: number): Failure {
  return new Failure('too-large', 'An event of the compute host is too large.', {
    operatorText: `An event of ${size} bytes is more than the stream accepts (${maxMessageBytes})`,
  });
}

function notPublished(why: string): Failure {
  return new Failure('unavailable', 'The control plane does not answer.', {
    operatorText: `The event was not published: ${why}`,
  });
}
