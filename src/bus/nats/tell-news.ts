import type { AgentNews } from '../../model/command.ts';
import { Failure } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import type { NatsLink } from './connection.ts';
import { decodeAnswered, encode, failureFrom } from './messages.ts';
import { inboxSubject, newsSubject } from './subjects.ts';

/** Milliseconds for the stream to say that it has the news. */
const STORED_MS = 5_000;

/** Tells news by way of the stream, which keeps them until somebody has taken them in. */
export interface Telling {
  /** @throws {Failure} what the hearer refused with; `unavailable` when nothing was told; `outcome-unknown` when it will be heard, perhaps, later */
  tell(news: AgentNews): Promise<void>;
  /** Waits for no answer any more. */
  close(): void;
}

/** What came on an inbox. */
interface Answer {
  readonly data: Uint8Array;
  readonly nobodyThere: boolean;
}

/** @param teller unique among all that tell */
export function openTelling(
  link: NatsLink,
  { teller, takenMs }: { readonly teller: string; readonly takenMs: number },
): Telling {
  /** What is waited for, by the last word of the subject on which it comes. */
  const waiting = new Map<string, (message: Answer | undefined) => void>();
  const inboxes = new Map<HostName, Promise<unknown>>();
  let count = 0;

  function hearInbox(host: HostName): Promise<unknown> {
    const heard = link.hear(inboxSubject(host, teller, '*'), (message) => {
      waiting.get(message.subject.slice(message.subject.lastIndexOf('.') + 1))?.(message);
    });
    heard.catch(() => inboxes.delete(host));
    inboxes.set(host, heard);
    return heard;
  }

  /** One message on one word; undefined when none came in time. */
  function expect(word: string, timeoutMs: number): Promise<Answer | undefined> {
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    waiting.set(word, resolve);
    const timer = setTimeout(resolve, timeoutMs, undefined);
    return promise.finally(() => {
      clearTimeout(timer);
      waiting.delete(word);
    });
  }

  return {
    async tell(news) {
      const host = hostOf(news);
      if (!link.isOpen()) throw nobodyHears('there is no connection to NATS');
      await (inboxes.get(host) ?? hearInbox(host));
      const id = ++count;
      const stored = expect(`stored-${id}`, STORED_MS);
      const taken = expect(`${id}`, takenMs);
      link.publish(
        newsSubject(host, topicOf(news)),
        encode({ told: news, teller, id }),
        inboxSubject(host, teller, `stored-${id}`),
      );
      const kept = await Promise.race([stored, taken.then(() => 'taken' as const)]);
      if (kept === undefined) throw nobodyHears('the stream did not say that it has the news');
      if (kept !== 'taken') {
        if (kept.nobodyThere) throw nobodyHears('no control plane has been started on this bus yet');
        const refusal = refusalOfStream(kept.data);
        if (refusal !== undefined) throw nobodyHears(`the stream refuses the news: ${refusal}`);
      }
      const said = await taken;
      const answered = said && decodeAnswered(said.data);
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

function hostOf(news: AgentNews): HostName {
  return news.news === 'host' ? news.report.name : news.host;
}

/** Of each topic the last news counts. */
function topicOf(news: AgentNews): readonly string[] {
  switch (news.news) {
    case 'host':
      return ['host'];
    case 'guest':
      return ['guest', news.guest.serverId];
    case 'held':
      return ['held', news.held[0]?.serverId ?? 'nothing'];
  }
}

/** What the stream's acknowledgement complains of. */
function refusalOfStream(data: Uint8Array): string | undefined {
  const { error } = JSON.parse(Buffer.from(data).toString('utf8')) as { error?: { description?: string } };
  return error && (error.description ?? 'without a word');
}

function nobodyHears(why: string): Failure {
  return new Failure('unavailable', 'The control plane does not answer.', {
    operatorText: `News cannot be told: ${why}`,
  });
}
