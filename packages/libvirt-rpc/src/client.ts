import { setTimeout as delay } from 'node:timers/promises';
import type { Connection, Request } from './connection.ts';
import type { DomainEvent, DomainEventName } from './domain-events.ts';
import { CallAborted, ConnectionLost, DeadlineExceeded, type Outcome } from './errors.ts';
import { EventHub } from './event-hub.ts';
import type { EventStream } from './event-stream.ts';
import type { KeepaliveOptions } from './keepalive.ts';
import { defaultLimits, type Lane, type LaneCall, type LaneLimits, Lanes } from './lanes.ts';
import { type ArgsOf, type ProcedureName, procedures, type ResultOf } from './procedures.ts';
import type { Domain } from './remote-types.ts';
import { decodeResult } from './results.ts';
import { callOn, closeSession, openSession, requestOf } from './session.ts';
import { parseUri, type Target } from './uri.ts';

/** Default time limit of a call, in milliseconds. */
export const defaultTimeoutMs = 30_000;

/** The longest time of a timer. A longer limit counts as none. */
const timerMax = 2 ** 31 - 1;

/** Milliseconds without a free place after which all places count as stuck. */
const stuckMs = 10;

/** Milliseconds after which libvirtd has certainly given a call to a free worker. */
const settleMs = 2;

/** Pause after a failed attempt to open another connection, in milliseconds. */
const growthPauseMs = 1_000;

/** Options of one call. */
export interface CallOptions {
  /**
   * Time limit for the answer, in milliseconds, including the wait for a place; `Infinity` for no limit.
   * Default: that of the connection, or no limit for procedures that may take minutes.
   */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait with {@link CallAborted}. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link connect}. */
export interface ConnectOptions {
  /** Time limit for {@link connect} and for calls, in milliseconds. Default {@link defaultTimeoutMs}. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait for {@link connect}. It has no effect afterwards. */
  readonly signal?: AbortSignal | undefined;
  /** Pings of this client; `false` for none. Default: after every 5 s of silence, at most 5. */
  readonly keepalive?: KeepaliveOptions | false | undefined;
  /** Maximum size of an accepted message, in bytes. Default 32 MiB, as in libvirt. */
  readonly maxFrame?: number | undefined;
  /** Maximum numbers of concurrent calls: see {@link LaneLimits}. */
  readonly limits?: Partial<LaneLimits> | undefined;
}

interface ConnectedLane extends Lane {
  readonly connection: Connection;
}

interface Call extends LaneCall {
  readonly request: Request;
  sent: boolean;
  readonly resolve: (payload: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A client of one daemon: calls with time limits over as many connections as it needs, and events. When one
 * of its connections ends, the whole client ends, because the daemon has gone.
 */
export class LibvirtClient {
  /** The URI of the connection. */
  readonly uri: string;
  readonly #target: Target;
  readonly #options: ConnectOptions;
  readonly #lanes: Lanes<Call, ConnectedLane>;
  readonly #connections = new Set<Connection>();
  readonly #ended = Promise.withResolvers<Error | undefined>();
  readonly #stopping = new AbortController();
  #over: { readonly reason: Error | undefined } | undefined;
  #hub: Promise<EventHub> | undefined;
  #growing = false;
  #growAfter = 0;

  /** Internal: use {@link connect}. */
  constructor(target: Target, options: ConnectOptions, first: Connection) {
    this.uri = target.uri;
    this.#target = target;
    this.#options = options;
    this.#lanes = new Lanes({ ...defaultLimits, ...options.limits }, (call, lane) => this.#start(call, lane));
    this.#adopt(first);
    this.#lanes.addLane({ connection: first, prompt: 0, ordinary: 0 });
  }

  /**
   * Resolves when the client has ended: with the error that ended it, or with undefined after {@link close}.
   */
  get closed(): Promise<Error | undefined> {
    return this.#ended.promise;
  }

  /**
   * Calls a procedure by name. Rejects with LibvirtError (the daemon's answer), DeadlineExceeded, CallAborted
   * or ConnectionLost (each with its `outcome`), EncodeError (nothing was sent), or ProtocolError (an
   * unreadable answer).
   *
   * @example
   * ```ts
   * import { connect, listDomainsFlags } from 'libvirt-rpc';
   *
   * await using libvirt = await connect('qemu:///system');
   * const running = await libvirt.call('connectListAllDomains', { flags: listDomainsFlags.active });
   * ```
   */
  async call<N extends ProcedureName>(
    name: N,
    args: ArgsOf<N>,
    options: CallOptions = {},
  ): Promise<ResultOf<N>> {
    const request = requestOf(name, args);
    const { patient, prompt } = procedures[name];
    const timeoutMs =
      options.timeoutMs ?? (patient ? Number.POSITIVE_INFINITY : this.#options.timeoutMs) ?? defaultTimeoutMs;
    const key = guestOf(args) ?? name;
    const payload = await this.#submit({ request, prompt, key }, { ...options, timeoutMs });
    return decodeResult(name, payload);
  }

  /**
   * Events of one kind, from now on, of one guest or of all. The stream ends when the client does.
   * Events have a connection of their own: an event may come before or after the answer of the call
   * that caused it.
   *
   * @example
   * ```ts
   * import { connect, lifecycleEvents } from 'libvirt-rpc';
   *
   * await using libvirt = await connect('qemu:///system');
   * await using events = await libvirt.events('lifecycle');
   * for await (const { domain, event } of events)
   *   if (event === lifecycleEvents.stopped.event) console.log(`${domain.name} stopped`);
   * ```
   */
  async events<N extends DomainEventName>(
    name: N,
    options: { readonly domain?: Domain | undefined } = {},
  ): Promise<EventStream<DomainEvent<N>>> {
    this.#hub ??= this.#open().then((connection) => new EventHub(connection));
    this.#hub.catch(() => {
      this.#hub = undefined;
    });
    return (await this.#hub).subscribe(name, options.domain);
  }

  /** Closes all connections. Calls in progress reject with ConnectionLost. May be called twice. */
  async close(): Promise<void> {
    await this.#end(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #submit(
    call: Pick<Call, 'request' | 'prompt' | 'key'>,
    { timeoutMs, signal }: CallOptions & { readonly timeoutMs: number },
  ): Promise<Buffer> {
    const { name } = call.request;
    if (this.#over !== undefined)
      return Promise.reject(new ConnectionLost(`${name} was not sent: ${this.#why()}`, 'not sent'));
    if (signal?.aborted) return Promise.reject(new CallAborted(name, 'not sent', signal.reason));
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const placed: Call = {
      ...call,
      sent: false,
      resolve: (payload) => {
        disarm();
        resolve(payload);
      },
      reject: (error) => {
        disarm();
        reject(error);
      },
    };
    // A sent call keeps its place, because the daemon still works on it.
    const giveUp = (errorOf: (outcome: Outcome) => Error) => {
      this.#lanes.withdraw(placed);
      placed.reject(errorOf(placed.sent ? 'unknown' : 'not sent'));
    };
    const expire = () => giveUp((outcome) => new DeadlineExceeded(name, timeoutMs, outcome));
    const abort = () => giveUp((outcome) => new CallAborted(name, outcome, signal?.reason));
    const timer = timeoutMs > timerMax ? undefined : setTimeout(expire, timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    function disarm(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
    this.#lanes.submit(placed);
    if (this.#lanes.wantsLane || this.#lanes.wantsPlace) void this.#grow();
    return promise;
  }

  #start(call: Call, { connection }: ConnectedLane): void {
    call.sent = true;
    connection
      .request(call.request)
      .then(call.resolve, call.reject)
      .finally(() => this.#lanes.finish(call));
  }

  /** Adds connections and places while calls wait for them: see the rules in `lanes.ts`. */
  async #grow(): Promise<void> {
    if (this.#growing || this.#over !== undefined || performance.now() < this.#growAfter) return;
    this.#growing = true;
    try {
      while (this.#lanes.wantsLane || this.#lanes.wantsPlace) {
        if (this.#lanes.wantsLane)
          this.#lanes.addLane({ connection: await this.#open(), prompt: 0, ordinary: 0 });
        else await this.#addPlaceIfStuck();
      }
    } catch {
      // The existing connections still work, and waiting calls have their time limits.
      this.#growAfter = performance.now() + growthPauseMs;
    } finally {
      this.#growing = false;
    }
  }

  async #addPlaceIfStuck(): Promise<void> {
    const { next } = this.#lanes;
    await delay(stuckMs, undefined, { ref: false });
    if (!this.#lanes.wantsPlace || this.#lanes.next !== next) return;
    this.#lanes.hold();
    try {
      // When all earlier calls have been given to workers, a further call without a free worker makes
      // libvirtd add one.
      await delay(settleMs, undefined, { ref: false });
      const [connection] = this.#connections;
      if (connection === undefined) return;
      const knock = callOn(connection, 'connectGetType', {}).catch(() => {});
      await Promise.race([knock, delay(stuckMs, undefined, { ref: false })]);
      this.#lanes.addPlace();
    } finally {
      this.#lanes.release();
    }
  }

  async #open(): Promise<Connection> {
    const { timeoutMs = defaultTimeoutMs } = this.#options;
    const signal = AbortSignal.any([
      this.#stopping.signal,
      AbortSignal.timeout(Math.min(timeoutMs, timerMax)),
    ]);
    if (this.#over !== undefined) throw new ConnectionLost(this.#why(), 'not sent');
    const connection = await openSession(this.#target, this.#options, signal);
    this.#adopt(connection);
    return connection;
  }

  #adopt(connection: Connection): void {
    this.#connections.add(connection);
    void connection.ended.then((reason) => this.#end(reason));
  }

  #why(): string {
    return this.#over?.reason?.message ?? 'the client is closed';
  }

  async #end(reason: Error | undefined): Promise<void> {
    if (this.#over === undefined) {
      this.#over = { reason };
      this.#stopping.abort(new ConnectionLost(this.#why(), 'not sent', reason));
      for (const call of this.#lanes.withdrawAll())
        call.reject(
          new ConnectionLost(`${call.request.name} was not sent: ${this.#why()}`, 'not sent', reason),
        );
      this.#ended.resolve(reason);
    }
    await Promise.all([...this.#connections].map(closeSession));
  }
}

/** All procedures as methods with libvirt's names: `libvirt.domainGetState({ domain })`. */
export type Procedures = {
  readonly [N in Exclude<ProcedureName, SessionProcedure>]: (
    ...given: Record<never, never> extends ArgsOf<N>
      ? [args?: ArgsOf<N>, options?: CallOptions]
      : [args: ArgsOf<N>, options?: CallOptions]
  ) => Promise<ResultOf<N>>;
};

/** Procedures that only the client itself calls. */
type SessionProcedure =
  | 'authList'
  | 'connectOpen'
  | 'connectClose'
  | 'connectDomainEventCallbackRegisterAny'
  | 'connectDomainEventCallbackDeregisterAny';

/** A connected client. */
export type Libvirt = LibvirtClient & Procedures;

/**
 * Connects to the daemon that a URI names, and opens its hypervisor. The open client keeps the
 * process alive until it is closed.
 *
 * @throws UriError, ConnectionLost, AuthenticationUnsupported, LibvirtError, DeadlineExceeded, CallAborted.
 *
 * @example
 * ```ts
 * import { connect } from 'libvirt-rpc';
 *
 * await using libvirt = await connect('qemu:///system', { timeoutMs: 5_000 });
 * for (const domain of await libvirt.connectListAllDomains())
 *   console.log(domain.name, await libvirt.domainGetState({ domain }));
 * ```
 */
export async function connect(uri: string, options: ConnectOptions = {}): Promise<Libvirt> {
  const target = parseUri(uri);
  const { timeoutMs = defaultTimeoutMs } = options;
  const deadline = AbortSignal.timeout(Math.min(timeoutMs, timerMax));
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  const first = await openSession(target, options, signal).catch((error: unknown) => {
    if (options.signal?.aborted)
      throw new CallAborted(`connect to ${uri}`, 'not sent', options.signal.reason);
    if (deadline.aborted) throw new DeadlineExceeded(`connect to ${uri}`, timeoutMs, 'not sent');
    throw error;
  });
  return withProcedures(new LibvirtClient(target, options, first));
}

function withProcedures(client: LibvirtClient): Libvirt {
  const methods: Record<string, unknown> = {};
  for (const name of Object.keys(procedures) as ProcedureName[])
    methods[name] = (args: ArgsOf<typeof name> | undefined, options?: CallOptions) =>
      client.call(name, args ?? ({} as ArgsOf<typeof name>), options);
  return Object.assign(client, methods as Procedures);
}

function guestOf(args: object): string | undefined {
  if (!('domain' in args)) return undefined;
  return (args.domain as Domain).uuid.toLowerCase();
}
