import { onAbort } from '../../async/on-abort.ts';
import type { Command, Reply, Verb } from '../../model/command.ts';
import { Failure } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import { parseReply } from '../../model/messages/parse-reply.ts';
import { PROTOCOL } from '../../model/protocol.ts';
import type { NatsLink } from './connection.ts';
import { decodeReply, encode, failureFrom } from './messages.ts';
import { commandSubject, repliesTo, replySubject } from './subjects.ts';

/** Sends commands to hosts, and receives the replies on a subject of its own. */
export interface Requests {
  request<V extends Verb>(
    host: HostName,
    command: Command & { verb: V },
    signal: AbortSignal,
  ): Promise<Reply<V>>;
  /** Rejects all open requests. */
  close(): Promise<void>;
}

/** Number of probes, within the accepted silence, of whether the agent still works on the command. */
const PROBES_IN_SILENCE = 5;

/** A command that was sent. */
interface Pending {
  readonly host: HostName;
  readonly command: Command;
  /** The agent works on the command: the time of silence starts again. */
  inProgress(): void;
  /** No agent serves the host. */
  noResponders(): void;
  resolve(answer: unknown): void;
  reject(failure: Failure): void;
}

/**
 * @param requester unique among all requesters
 * @param silenceMs how long an agent may be silent while it carries out a command, before the outcome is
 *   unknown
 */
export async function openRequests(
  link: NatsLink,
  { requester, silenceMs }: { readonly requester: string; readonly silenceMs: number },
): Promise<Requests> {
  const pending = new Map<string, Pending>();
  let count = 0;

  const stop = await link.subscribe(repliesTo(requester), ({ subject, data, noResponders }) => {
    const waiting = pending.get(subject);
    if (waiting === undefined) return;
    if (noResponders) return waiting.noResponders();
    const reply = decodeReply(data);
    if (reply === undefined) return;
    if ('alive' in reply) waiting.inProgress();
    else if ('done' in reply) waiting.resolve(reply.answer);
    else waiting.reject(failureFrom(reply.failed));
  });

  async function request<V extends Verb>(
    host: HostName,
    command: Command & { verb: V },
    signal: AbortSignal,
  ): Promise<Reply<V>> {
    const sent = { host, command };
    if (signal.aborted) throw gaveUp(sent);
    const reply = replySubject(host, requester, ++count);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    let isProbed = false; // if no agent receives the command, NATS reports that before the first probe
    const silence = setTimeout(() => reject(agentSilent(sent, silenceMs)), silenceMs);
    const probing = setInterval(() => {
      if (!link.isOpen()) return;
      isProbed = true;
      link.publish(commandSubject(host), encode({ still: reply }), reply);
    }, silenceMs / PROBES_IN_SILENCE);
    using _abort = onAbort(signal, () => {
      if (link.isOpen()) link.publish(commandSubject(host), encode({ cancel: reply }));
      reject(gaveUp(sent));
    });
    pending.set(reply, {
      ...{ ...sent, resolve, reject },
      inProgress: () => silence.refresh(),
      noResponders: () => reject(isProbed ? agentEnded(sent) : nobodyServes(sent)),
    });
    try {
      link.publish(commandSubject(host), encode({ ask: command, protocol: PROTOCOL }), reply);
      return parseReply<V>(host, command, await promise);
    } finally {
      clearTimeout(silence);
      clearInterval(probing);
      pending.delete(reply);
    }
  }

  return {
    request,
    async close() {
      for (const waiting of pending.values()) waiting.reject(agentSilent(waiting, 0));
      await stop();
    },
  };
}

type Sent = Pick<Pending, 'host' | 'command'>;

function nobodyServes({ host, command }: Sent): Failure {
  return new Failure('unavailable', 'The compute host of the server does not answer.', {
    operatorText: `No agent serves host ${host} for the command ${command.verb}`,
  });
}

function agentEnded({ host, command }: Sent): Failure {
  return new Failure('outcome-unknown', 'The compute host stopped answering.', {
    operatorText: `The agent of host ${host} ended during the command ${command.verb}`,
  });
}

function gaveUp({ host, command }: Sent): Failure {
  return new Failure('timed-out', 'The compute host did not finish in time.', {
    operatorText: `Gave up waiting for host ${host} to carry out ${command.verb}`,
  });
}

function agentSilent({ host, command }: Sent, silenceMs: number): Failure {
  return new Failure('outcome-unknown', 'The compute host stopped answering.', {
    operatorText: `Host ${host} has been silent for ${silenceMs / 1000} s during the command ${command.verb}`,
  });
}
