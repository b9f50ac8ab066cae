import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import { parseCommand } from '../../model/messages/parse-command.ts';
import type { CommandHandler } from '../bus.ts';
import type { BusLog, NatsLink } from './connection.ts';
import { type Answered, decodeAsked, encode, failed } from './messages.ts';
import { createRepeats } from './repeats.ts';
import { commandSubject, inboxSubject, servingSubject } from './subjects.ts';

/** How long another agent may take to say that it serves the host already. Milliseconds. */
const OTHER_AGENT_MS = 1_000;

/**
 * Answers the commands for a host on this and every later connection, until the returned function is called.
 * @throws {Failure} `conflict` when an agent serves the host already, `forbidden` when the credentials are another host's
 */
export async function serveHost(
  { link, log }: { readonly link: NatsLink; readonly log: BusLog },
  host: HostName,
  handler: CommandHandler,
): Promise<() => Promise<void>> {
  const underWay = new Map<string, AbortController>();
  const isNews = createRepeats(() => performance.now());
  if (await isServed(link, host))
    throw new Failure('conflict', `Host ${host} is served already.`, {
      operatorText: `Another agent serves host ${host}: each compute host needs a [DEFAULT] host of its own.`,
    });
  const stopSaying = await link.hear(servingSubject(host), ({ reply }) => {
    if (reply !== '' && link.isOpen()) link.publish(reply, encode({ alive: true }));
  });

  async function carryOut(ask: unknown, reply: string): Promise<void> {
    const giveUp = new AbortController();
    underWay.set(reply, giveUp);
    try {
      const answer = await handler(parseCommand(ask), giveUp.signal);
      await answerWith(link, reply, { done: true, answer });
    } catch (error) {
      await answerWith(link, reply, failed(error));
    } finally {
      underWay.delete(reply);
    }
  }

  const stopHearing = await link.hear(commandSubject(host), ({ data, reply }) => {
    const asked = decodeAsked(data);
    if (asked === undefined) {
      if (isNews('malformed')) log('warn', 'malformed command', { host });
      return;
    }
    if ('cancel' in asked) return underWay.get(asked.cancel)?.abort();
    if ('still' in asked) {
      if (link.isOpen())
        link.publish(reply, encode(underWay.has(asked.still) ? { alive: true } : notAtIt(host)));
      return;
    }
    carryOut(asked.ask, reply).catch((error: Error) =>
      log('warn', 'an answer could not be sent', { host, why: error.message }),
    );
  });
  return async () => {
    await stopHearing();
    await stopSaying();
  };
}

/** What an agent says of a command that it has never heard of, or has answered: its asker does not know how it ended. */
function notAtIt(host: HostName): Answered {
  return failed(
    new Failure('outcome-unknown', 'The compute host stopped answering.', {
      operatorText: `Host ${host} is not at what it was asked: its agent was started again, or its answer was lost`,
    }),
  );
}

/** Sends an answer as soon as there is a connection. One that NATS does not take becomes a failure that says so. */
async function answerWith(link: NatsLink, reply: string, answer: Answered): Promise<void> {
  await link.opened();
  try {
    link.publish(reply, encode(answer));
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'too-large') throw error;
    link.publish(reply, encode(failed(error)));
  }
}

/** Whether an agent answers for the host already. */
async function isServed(link: NatsLink, host: HostName): Promise<boolean> {
  const heard = Promise.withResolvers<boolean>();
  const reply = inboxSubject(host, randomUUID());
  const stop = await link.hear(reply, ({ nobodyThere }) => heard.resolve(!nobodyThere));
  const enough = new AbortController();
  try {
    link.publish(servingSubject(host), new Uint8Array(), reply);
    return await Promise.race([
      heard.promise,
      delay(OTHER_AGENT_MS, false, { signal: enough.signal }).catch(() => false),
    ]);
  } finally {
    enough.abort();
    await stop();
  }
}
