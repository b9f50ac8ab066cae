import type { AgentNews } from '../../model/command.ts';
import { Failure } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import { hostOf } from '../../model/messages/parse-event.ts';
import type { NatsLink } from './connection.ts';
import { type Answered, decodeAnswered, encode, failureFrom } from './messages.ts';
import { EVENTS, REPORTS } from './streams.ts';
import { eventSubject, inboxSubject, reportSubject } from './subjects.ts';

/** Tells news by way of the stream, which keeps them until somebody has taken them in. */
export interface Telling {
  /** @throws {Failure} what the hearer refused with; `unavailable` when nothing was told; `outcome-unknown` when it will be heard, perhaps, later */
  tell(news: AgentNews): Promise<void>;
  /** Waits for no answer any more. */
  close(): void;
}

/** @param teller unique among all that tell */
export function openTelling(
  link: NatsLink,
  { teller, takenMs }: { readonly teller: string; readonly takenMs: number },
): Telling {
  /** What is waited for, by the last word of the subject on which it comes. */
  const waiting = new Map<string, (answer: Answered | 'nobody there' | undefined) => void>();
  const inboxes = new Map<HostName, Promise<unknown>>();
  let count = 0;

  function hearInbox(host: HostName): Promise<unknown> {
    const heard = link.hear(inboxSubject(host, teller, '*'), ({ subject, data, nobodyThere }) => {
      const answer = nobodyThere ? 'nobody there' : decodeAnswered(data);
      if (answer !== undefined) waiting.get(subject.slice(subject.lastIndexOf('.') + 1))?.(answer);
    });
    heard.catch(() => inboxes.delete(host));
    inboxes.set(host, heard);
    return heard;
  }

  /** The answer to one event; undefined when none came in time. */
  function expect(id: string) {
    const { promise, resolve } = Promise.withResolvers<Answered | 'nobody there' | undefined>();
    waiting.set(id, resolve);
    const timer = setTimeout(resolve, takenMs, undefined);
    return promise.finally(() => {
      clearTimeout(timer);
      waiting.delete(id);
    });
  }

  return {
    async tell(news) {
      const host = hostOf(news);
      if (!link.isOpen()) throw nobodyHears('there is no connection to NATS');
      await (inboxes.get(host) ?? hearInbox(host));
      const id = ++count;
      const data = encode({ told: news, teller, id });
      const { largest } = news.news === 'host' ? REPORTS : EVENTS;
      if (data.length > largest) throw tooLarge(data.length, largest);
      const subject = news.news === 'host' ? reportSubject(host) : eventSubject(host);
      const answer = expect(`${id}`);
      // The stream itself acknowledges nothing: it answers only where NATS says that there is no stream.
      link.publish(subject, data, inboxSubject(host, teller, `${id}`));
      const answered = await answer;
      if (answered === 'nobody there') throw nobodyHears('no control plane has been started on this bus yet');
      if (answered === undefined)
        throw new Failure('outcome-unknown', 'The control plane has not taken the news in yet.', {
          operatorText: `News of host ${host} wait in the stream for a control plane that takes them in`,
        });
      if ('failed' in answered) throw failureFrom(answered.failed);
    },
    close() {
      for (const resolve of waiting.values()) resolve(undefined);
    },
  };
}

function tooLarge(size: number, largest: number): Failure {
  return new Failure('too-large', 'What the compute host tells is too large.', {
    operatorText: `An event of ${size} bytes is more than the stream takes (${largest})`,
  });
}

function nobodyHears(why: string): Failure {
  return new Failure('unavailable', 'The control plane does not answer.', {
    operatorText: `Events cannot be told: ${why}`,
  });
}
