import { randomUUID } from 'node:crypto';
import { settlesWithin } from '../../async/settles-within.ts';
import { Failure } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import type { Log } from '../../model/log.ts';
import { parseCommand } from '../../model/messages/parse-command.ts';
import type { CommandHandler } from '../bus.ts';
import type { NatsLink } from './connection.ts';
import { decodeCommand, encode, failed, type ReplyMessage } from './messages.ts';
import { createRepeats } from './repeats.ts';
import { commandSubject, inboxSubject, servingSubject } from './subjects.ts';

/** How long to wait for another agent to answer that it already serves the host. Milliseconds. */
const OTHER_AGENT_MS = 1_000;

/**
 * Carries out the commands for a host on this and every later connection, until the returned function is
 * called.
 * @throws {Failure} `conflict` when another agent serves the host, `forbidden` when the credentials are
 *   those of another host
 */
export async function serveHost(
  { link, log }: { readonly link: NatsLink; readonly log: Log },
  host: HostName,
  handler: CommandHandler,
): Promise<() => Promise<void>> {
  const underWay = new Map<string, AbortController>();
  const isNew = createRepeats(() => performance.now());
  if (await isServed(link, host))
    throw new Failure('conflict', `Host ${host} is already served.`, {
      operatorText: `Another agent serves host ${host}: each compute host needs a [DEFAULT] host of its own.`,
    });
  const stopAnnouncing = await link.subscribe(servingSubject(host), ({ reply }) => {
    if (reply !== '' && link.isOpen()) link.publish(reply, encode({ alive: true }));
  });

  async function carryOut(
    { ask, protocol }: { readonly ask: unknown; readonly protocol: number },
    reply: string,
  ): Promise<void> {
    const giveUp = new AbortController();
    underWay.set(reply, giveUp);
    try {
      const answer = await handler(parseCommand(ask, protocol), giveUp.signal);
      await sendReply(link, reply, { done: true, answer });
    } catch (error) {
      await sendReply(link, reply, failed(error));
    } finally {
      underWay.delete(reply);
    }
  }

  const unsubscribe = await link.subscribe(commandSubject(host), ({ data, reply }) => {
    const received = decodeCommand(data);
    if (received === undefined) {
      if (isNew('malformed')) log('command-malformed', { host });
      return;
    }
    if ('cancel' in received) return underWay.get(received.cancel)?.abort();
    if ('still' in received) {
      if (link.isOpen())
        link.publish(reply, encode(underWay.has(received.still) ? { alive: true } : notInProgress(host)));
      return;
    }
    carryOut(received, reply).catch((error: Error) => log('reply-not-sent', { host, why: error.message }));
  });
  return async () => {
    await unsubscribe();
    await stopAnnouncing();
  };
}

/**
 * The reply about a command that the agent does not know, or has already replied to: the requester cannot
 * know its outcome.
 */
function notInProgress(host: HostName): ReplyMessage {
  return failed(
    new Failure('outcome-unknown', 'The compute host stopped answering.', {
      operatorText: `Host ${host} does not work on the command: its agent was restarted, or the reply was lost`,
    }),
  );
}

/**
 * Sends a reply as soon as there is a connection. Replaces a reply that is too large for NATS by a failure.
 */
async function sendReply(link: NatsLink, reply: string, answer: ReplyMessage): Promise<void> {
  await link.opened();
  try {
    link.publish(reply, encode(answer));
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'too-large') throw error;
    link.publish(reply, encode(failed(error)));
  }
}

/** Whether another agent serves the host. */
async function isServed(link: NatsLink, host: HostName): Promise<boolean> {
  const served = Promise.withResolvers<boolean>();
  const reply = inboxSubject(host, randomUUID());
  const stop = await link.subscribe(reply, ({ noResponders }) => served.resolve(!noResponders));
  try {
    link.publish(servingSubject(host), new Uint8Array(), reply);
    return (await settlesWithin(served.promise, OTHER_AGENT_MS)) && (await served.promise);
  } finally {
    await stop();
  }
}
