import { onAbort } from '../async/on-abort.ts';
import type { AgentEvent, Command, Verb } from '../model/command.ts';
import { Failure } from '../model/failure.ts';
import type { HostName } from '../model/ids.ts';
import { parseCommand } from '../model/messages/parse-command.ts';
import { parseEvent } from '../model/messages/parse-event.ts';
import { parseReply } from '../model/messages/parse-reply.ts';
import { PROTOCOL } from '../model/protocol.ts';
import type { Bus, CommandHandler } from './bus.ts';

/** The bus of a cloud in one process. Messages are parsed as in a cloud of many machines. */
export function createInProcessBus(): Bus {
  const handlers = new Map<HostName, CommandHandler>();
  const listeners: ((event: AgentEvent) => Promise<void>)[] = [];
  let last: Promise<void> = Promise.resolve();

  return {
    async request<V extends Verb>(host: HostName, command: Command & { verb: V }, signal: AbortSignal) {
      const handler = handlers.get(host);
      if (handler === undefined)
        throw new Failure('unavailable', 'The compute host of the server does not answer.', {
          operatorText: `No agent serves host ${host} for the command ${command.verb}`,
        });
      if (signal.aborted) throw gaveUp(command.verb, host);
      const abandoned = Promise.withResolvers<never>();
      using _abort = onAbort(signal, () => abandoned.reject(gaveUp(command.verb, host)));
      const answer = handler(parseCommand(command, PROTOCOL), signal);
      return parseReply<V>(host, command, await Promise.race([answer, abandoned.promise]));
    },
    opened: async () => undefined,
    async serve(host, handler) {
      if (handlers.has(host)) throw new Failure('conflict', `Host ${host} is already served.`);
      handlers.set(host, handler);
      return async () => {
        handlers.delete(host);
      };
    },
    async publish(published) {
      const event = parseEvent(published, { protocol: PROTOCOL });
      const handled = last.then(async () => {
        for (const listener of listeners) await listener(event);
      });
      last = handled.catch(() => undefined); // the publisher gets the failure; later events are still delivered
      return handled;
    },
    async subscribe(listener) {
      listeners.push(listener);
    },
    async close() {
      handlers.clear();
      listeners.length = 0;
    },
  };
}

function gaveUp(verb: string, host: HostName): Failure {
  return new Failure('timed-out', 'The compute host did not finish in time.', {
    operatorText: `Gave up waiting for host ${host} to carry out ${verb}`,
  });
}
