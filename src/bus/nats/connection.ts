import {
  AuthorizationError,
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  type NatsConnection,
  PermissionViolationError,
  type Subscription,
  type TlsOptions,
} from '@nats-io/transport-node';
import { Backoff } from '../../async/backoff.ts';
import { pause } from '../../async/pause.ts';
import { asFailure, Failure } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import { createRepeats } from './repeats.ts';

export type { NatsConnection };

/** Milliseconds. A connection that answers no ping for twice the interval is closed. */
const PING_INTERVAL_MS = 5_000;
const DIAL_TIMEOUT_MS = 5_000;
/** Milliseconds between two tries to connect: doubles from the first to the second. */
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 2_000;

/** The address of NATS, and the credentials for it. */
export interface NatsAddress {
  /** `nats://HOST:PORT` or `tls://HOST:PORT`, tried in turn, beginning with a random one. */
  readonly servers: readonly string[];
  /** The content of a credentials file; null for a server without authentication. */
  readonly credentials: Uint8Array | null;
  /** Certificates of authorities, PEM. Null trusts those of the machine, if the server uses TLS. */
  readonly tlsCa: string | null;
  /** The name of the connection in the server's monitoring. */
  readonly name: string;
}

/** Receives the messages on a subject. */
type Listener = (message: {
  readonly subject: string;
  readonly reply: string;
  readonly data: Uint8Array;
  /** No subscriber exists for the subject, as reported by NATS. */
  readonly noResponders: boolean;
}) => void;

/** A connection that is restored with its subscriptions whenever it is lost. */
export interface NatsLink {
  /**
   * Sends at once, and never buffers.
   * @throws {Failure} `unavailable` while there is no connection, `too-large`
   */
  publish(subject: string, data: Uint8Array, reply?: string): void;
  /** Whether there is a connection now. */
  isOpen(): boolean;
  /** Resolves once there is a connection; rejects when the link is closed. */
  opened(): Promise<void>;
  /**
   * Subscribes on this and every later connection, until the returned function is called. Resolves when the
   * server has confirmed it, or at once while there is no connection.
   * @throws {Failure} `forbidden` when the credentials do not allow it
   */
  subscribe(subject: string, listener: Listener): Promise<() => Promise<void>>;
  /**
   * Runs `use` on this and every later connection. The signal aborts when the connection is lost. A failure
   * of `use` closes the connection.
   */
  onEachConnection(use: (connection: NatsConnection, lost: AbortSignal) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects, and reconnects whenever the connection is lost. It does not use the library's own reconnecting,
 * which would send buffered requests after an outage, although their requesters have given up.
 * @param signal stops waiting for the first connection, which has no time limit
 * @throws {Failure} `forbidden` when the credentials are not accepted; `timed-out` when the signal was
 *   aborted
 */
export async function openNatsLink(
  address: NatsAddress,
  { log, signal }: { readonly log: Log; readonly signal?: AbortSignal | undefined },
): Promise<NatsLink> {
  const ending = new AbortController();
  const users = new Set<(connection: NatsConnection, lost: AbortSignal) => Promise<void>>();
  let current: { readonly connection: NatsConnection; readonly lost: AbortSignal } | undefined;
  let opening = newOpening();
  let everOpen = false;
  const { servers } = address;
  let turn = Math.floor(Math.random() * servers.length);

  /** Runs one connection until it is lost. */
  async function live(): Promise<void> {
    const connection = await dial(address, servers[turn++ % servers.length] ?? '');
    const lost = new AbortController();
    void logErrors(connection, log);
    try {
      for (const use of users) await unlessClosed(connection, use(connection, lost.signal));
      if (ending.signal.aborted) return;
      current = { connection, lost: lost.signal };
      if (everOpen) log('nats-restored', { server: connection.getServer() });
      everOpen = true;
      opening.resolve();
      const why = await connection.closed();
      if (!ending.signal.aborted) log('nats-lost', { why: textOf(why) });
    } finally {
      if (current !== undefined) opening = newOpening();
      current = undefined;
      lost.abort();
      await connection.close();
    }
  }

  async function liveOn(): Promise<void> {
    const isNew = createRepeats(() => performance.now());
    const backoff = new Backoff({ first: FIRST_PAUSE_MS, longest: MAX_PAUSE_MS });
    while (!ending.signal.aborted) {
      try {
        await live();
        backoff.reset();
      } catch (error) {
        if (!everOpen && error instanceof AuthorizationError) return opening.reject(refused(address));
        const why = textOf(error);
        const isLong = backoff.isLongest && isNew(why);
        log(isLong ? 'nats-waiting' : 'nats-dialing', { servers: describeServers(address), why });
      }
      const jitter = 0.5 + Math.random();
      await pause(backoff.next() * jitter, ending.signal);
    }
  }

  const running = liveOn();
  const giveUp = () => {
    ending.abort();
    opening.reject(new Failure('timed-out', `Gave up waiting for NATS at ${describeServers(address)}.`));
  };
  if (signal?.aborted) giveUp();
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    await opening.promise;
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }

  const now = () => {
    if (current !== undefined && !current.connection.isClosed()) return current;
    throw new Failure('unavailable', 'The compute host of the server does not answer.', {
      operatorText: `There is no connection to NATS at ${describeServers(address)}`,
    });
  };

  const onEachConnection: NatsLink['onEachConnection'] = async (use) => {
    users.add(use);
    const at = current;
    if (at === undefined) return;
    try {
      await unlessClosed(at.connection, use(at.connection, at.lost));
    } catch (error) {
      if (error instanceof Failure) {
        users.delete(use);
        throw error;
      }
      await at.connection.close(); // the next connection tries again
    }
  };

  return {
    publish(subject, data, reply) {
      const { connection } = now();
      const maxPayload = connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
      if (data.length > maxPayload)
        throw new Failure('too-large', 'An answer of the compute host is too large.', {
          operatorText: `A message of ${data.length} bytes exceeds the limit of NATS (max_payload ${maxPayload})`,
        });
      connection.publish(subject, data, reply === undefined ? {} : { reply });
    },
    isOpen: () => current !== undefined,
    opened: () => opening.promise,
    async subscribe(subject, listener) {
      let stopped = false;
      const subscriptions = new WeakMap<NatsConnection, Subscription>();
      const use = async (connection: NatsConnection) => {
        if (stopped) return;
        subscriptions.set(connection, await subscribeOn(connection, subject, listener));
      };
      await onEachConnection(use);
      return async () => {
        stopped = true;
        users.delete(use);
        if (current === undefined) return;
        subscriptions.get(current.connection)?.unsubscribe();
        await unlessClosed(current.connection, current.connection.flush()).catch(() => undefined);
      };
    },
    onEachConnection,
    async close() {
      if (ending.signal.aborted) return running;
      ending.abort();
      opening.reject(new Failure('unavailable', 'The bus is closed.'));
      await current?.connection.drain().catch(() => undefined);
      await running;
    },
  };
}

/** A promise of the next connection. Its rejection may stay unhandled. */
function newOpening() {
  const opening = Promise.withResolvers<void>();
  opening.promise.catch(() => undefined);
  return opening;
}

/** Rejects when the connection is lost. The library would leave the promise pending. */
async function unlessClosed<T>(connection: NatsConnection, doing: Promise<T>): Promise<T> {
  const closed = connection.closed().then((why) => {
    throw new Error(`the connection was lost: ${textOf(why)}`);
  });
  closed.catch(() => undefined);
  return Promise.race([doing, closed]);
}

/** Subscribes on one connection. Resolves when the server has confirmed it. */
async function subscribeOn(
  connection: NatsConnection,
  subject: string,
  listener: Listener,
): Promise<Subscription> {
  let refusal: Error | undefined;
  const subscription = connection.subscribe(subject, {
    callback(error, message) {
      if (error !== null) {
        refusal = error;
        return;
      }
      const { data, reply = '', headers } = message;
      listener({
        subject: message.subject,
        reply,
        data,
        noResponders: headers?.code === 503 && data.length === 0,
      });
    },
  });
  await connection.flush();
  if (refusal !== undefined)
    throw new Failure('forbidden', `The credentials for NATS do not allow to subscribe to ${subject}.`, {
      operatorText: `NATS: ${refusal.message}. Are these the credentials of another host?`,
      cause: refusal,
    });
  return subscription;
}

/** @param server one of the address's servers */
async function dial(address: NatsAddress, server: string): Promise<NatsConnection> {
  const { protocol, host, hostname, username, password } = new URL(server);
  const options: ConnectionOptions = {
    servers: host,
    ignoreClusterUpdates: true,
    name: address.name,
    reconnect: false,
    timeout: DIAL_TIMEOUT_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: 2,
    noAsyncTraces: true,
  };
  if (address.credentials !== null) options.authenticator = credsAuthenticator(address.credentials);
  else if (username !== '')
    Object.assign(options, { user: decodeURIComponent(username), pass: decodeURIComponent(password) });
  // The library does not compare an IP address with the certificate unless the TLS options name it.
  const named = { host: hostname.replace(/^\[|\]$/g, '') } as TlsOptions;
  if (address.tlsCa !== null) options.tls = { ...named, ca: address.tlsCa };
  else if (protocol === 'tls:') options.tls = named;
  return connect(options);
}

/** Logs errors that the server reports outside of replies. */
async function logErrors(connection: NatsConnection, log: Log): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type !== 'error') continue;
    const isForbidden = status.error instanceof PermissionViolationError;
    log(isForbidden ? 'nats-forbidden' : 'nats-error', { why: status.error.message });
  }
}

function refused(address: NatsAddress): Failure {
  const servers = describeServers(address);
  const why =
    address.credentials === null
      ? 'it asks for credentials and none are configured'
      : 'they may have been revoked';
  return new Failure('forbidden', `NATS at ${servers} does not accept the credentials: ${why}.`);
}

/** The servers without user names and passwords. */
function describeServers({ servers }: NatsAddress): string {
  return servers.map((server) => new URL(server).host).join(', ');
}

function textOf(error: unknown): string {
  if (error === undefined) return 'closed';
  return error instanceof Error && !(error instanceof Failure)
    ? error.message
    : asFailure(error).operatorText;
}
