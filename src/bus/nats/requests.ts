import type { Command, Reply, Verb } from '../../model/command.ts';
import { Failure } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import { parseReply } from '../../model/messages/parse-reply.ts';
import type { NatsLink } from './connection.ts';
import { decodeAnswered, encode, failureFrom } from './messages.ts';
import { commandSubject, repliesTo, replySubject } from './subjects.ts';

/** Asks hosts, and hears their answers on a subject of its own. */
export interface Requests {
  request<V extends Verb>(
    host: HostName,
    command: Command & { verb: V },
    signal: AbortSignal,
  ): Promise<Reply<V>>;
  /** Gives up all that is under way. */
  close(): Promise<void>;
}

/** How many times in the silence that is endured an agent is asked whether it is still at what it was asked to do. */
const STILL_IN_SILENCE = 5;

/** A command that was sent. */
interface Pending {
  readonly host: HostName;
  readonly command: Command;
  /** Begins to count the silence anew. */
  heard(): void;
  /** Nobody serves the host now. */
  nobodyThere(): void;
  resolve(answer: unknown): void;
  reject(failure: Failure): void;
}

/**
 * @param asker unique among all that ask
 * @param silenceMs how long an agent that carries a command out may be silent before the outcome is unknown
 */
export async function openRequests(
  link: NatsLink,
  { asker, silenceMs }: { readonly asker: string; readonly silenceMs: number },
): Promise<Requests> {
  const pending = new Map<string, Pending>();
  let count = 0;

  const stop = await link.hear(repliesTo(asker), ({ subject, data, nobodyThere }) => {
    const waiting = pending.get(subject);
    if (waiting === undefined) return;
    if (nobodyThere) return waiting.nobodyThere();
    const answered = decodeAnswered(data);
    if (answered === undefined) return;
    if ('alive' in answered) waiting.heard();
    else if ('done' in answered) waiting.resolve(answered.answer);
    else waiting.reject(failureFrom(answered.failed));
  });

  async function request<V extends Verb>(
    host: HostName,
    command: Command & { verb: V },
    signal: AbortSignal,
  ): Promise<Reply<V>> {
    const asked = { host, command };
    if (signal.aborted) throw gaveUp(asked);
    const reply = replySubject(host, asker, ++count);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    let taken = false; // where nobody takes it, that is heard before anything else is asked
    const silence = setTimeout(() => reject(wentSilent(asked, silenceMs)), silenceMs);
    const askWhetherStill = setInterval(() => {
      if (!link.isOpen()) return;
      taken = true;
      link.publish(commandSubject(host), encode({ still: reply }), reply);
    }, silenceMs / STILL_IN_SILENCE);
    const onAbort = () => {
      if (link.isOpen()) link.publish(commandSubject(host), encode({ cancel: reply }));
      reject(gaveUp(asked));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    pending.set(reply, {
      ...{ ...asked, resolve, reject },
      heard: () => silence.refresh(),
      nobodyThere: () => reject(taken ? wentAway(asked) : nobodyServes(asked)),
    });
    try {
      link.publish(commandSubject(host), encode({ ask: command }), reply);
      return parseReply<V>(host, command, await promise);
    } finally {
      clearTimeout(silence);
      clearInterval(askWhetherStill);
      signal.removeEventListener('abort', onAbort);
      pending.delete(reply);
    }
  }

  return {
    request,
    async close() {
      for (const waiting of pending.values()) waiting.reject(wentSilent(waiting, 0));
      await stop();
    },
  };
}

type Asked = Pick<Pending, 'host' | 'command'>;

function nobodyServes({ host, command }: Asked): Failure {
  return new Failure('unavailable', 'The compute host of the server does not answer.', {
    operatorText: `No agent serves host ${host}; asked to ${command.verb}`,
  });
}

function wentAway({ host, command }: Asked): Failure {
  return new Failure('outcome-unknown', 'The compute host stopped answering.', {
    operatorText: `The agent of host ${host} ended while it was asked to ${command.verb}`,
  });
}

function gaveUp({ host, command }: Asked): Failure {
  return new Failure('timed-out', 'The compute host did not finish in time.', {
    operatorText: `Gave up waiting for host ${host} to ${command.verb}`,
  });
}

function wentSilent({ host, command }: Asked, silenceMs: number): Failure {
  return new Failure('outcome-unknown', 'The compute host stopped answering.', {
    operatorText: `Host ${host} was asked to ${command.verb} and has not been heard for ${silenceMs / 1000} s`,
  });
}
