import { randomUUID } from 'node:crypto';
import { untilAborted } from '../async/until-aborted.ts';
import type { AgentEvent, Command, Verb } from '../model/command.ts';
import { Failure } from '../model/failure.ts';
import type { HostName } from '../model/ids.ts';
import type { Log } from '../model/log.ts';
import type { Bus } from './bus.ts';
import { type NatsAddress, openNatsLink } from './nats/connection.ts';
import { openEventPublisher } from './nats/publish-events.ts';
import { openRequests } from './nats/requests.ts';
import { serveHost } from './nats/serving.ts';
import { subscribeEvents } from './nats/subscribe-events.ts';

/** Options of a bus over NATS. Times are milliseconds with defaults, which tests shorten. */
export interface NatsBusOptions extends NatsAddress {
  readonly log: Log;
  /** Stops waiting for the first connection. */
  readonly signal?: AbortSignal;
  /** How long an agent may be silent while it carries out a command, before the outcome is unknown. */
  readonly silenceMs?: number;
  /** How long after a replica went silent its unhandled events go to another replica. */
  readonly redeliverMs?: number;
}

/** How long a publisher waits until its event has been handled. Milliseconds. */
const HANDLED_MS = 15_000;

/**
 * The bus of a cloud of many hosts. Commands are plain requests: the operation log persists them, and
 * repeats them if necessary. Events go through a JetStream stream, which delivers each event to one replica.
 * After an outage the bus reconnects by itself. Resolves when NATS answers, without a time limit.
 * @throws {Failure} `forbidden` when NATS does not accept the credentials
 */
export async function createNatsBus(options: NatsBusOptions): Promise<Bus> {
  const { log, silenceMs = 15_000, redeliverMs = 20_000 } = options;
  const me = randomUUID();
  const link = await openNatsLink(options, { log, signal: options.signal });
  const serving = new Set<HostName>();
  const listeners: ((event: AgentEvent) => Promise<void>)[] = [];
  const publisher = openEventPublisher(link, { publisher: me, handledMs: HANDLED_MS });
  let requests: ReturnType<typeof openRequests> | undefined;
  let closed = false;

  return {
    async request<V extends Verb>(host: HostName, command: Command & { verb: V }, signal: AbortSignal) {
      if (closed) throw new Failure('unavailable', 'The bus is closed.');
      requests ??= openRequests(link, { requester: me, silenceMs });
      requests.catch(() => {
        requests = undefined;
      });
      return (await requests).request<V>(host, command, signal);
    },
    async opened(signal) {
      await untilAborted(
        link.opened().catch(() => undefined),
        signal,
      );
    },
    async serve(host, handler) {
      if (serving.has(host)) throw new Failure('conflict', `Host ${host} is already served.`);
      serving.add(host);
      try {
        const stop = await serveHost({ link, log }, host, handler);
        return async () => {
          await stop();
          serving.delete(host);
        };
      } catch (error) {
        serving.delete(host);
        throw error;
      }
    },
    publish: (event) => publisher.publish(event),
    async subscribe(listener) {
      listeners.push(listener);
      if (listeners.length > 1) return;
      await subscribeEvents({ link, log, redeliverMs }, async (event) => {
        for (const each of listeners) await each(event);
      });
    },
    async close() {
      if (closed) return link.close();
      closed = true;
      publisher.close();
      await (await requests?.catch(() => undefined))?.close();
      await link.close();
    },
  };
}
