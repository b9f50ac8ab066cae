import { ConnectionLost, connect, type Libvirt } from 'libvirt-rpc';
import { Failure } from '../../../model/failure.ts';
import { libvirtFailure } from './failures.ts';

/** Writes a line to the service's log. */
export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Record<string, unknown>,
) => void;

/** Waiting time for a connection, in milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;

/** A connection to a libvirt daemon that is made when it is needed, and made again after it was lost. */
export class LibvirtLink {
  readonly #uri: string;
  readonly #log: Log;
  /** Called before each new connection: brings up a daemon of our own, if there is one. */
  readonly #prepare: () => Promise<void>;
  #connecting: Promise<Libvirt> | undefined;
  #closed = false;

  constructor(options: { uri: string; log: Log; prepare: () => Promise<void> }) {
    this.#uri = options.uri;
    this.#log = options.log;
    this.#prepare = options.prepare;
  }

  /**
   * Runs calls on a live connection.
   * @param what - for the sentences of failures
   * @throws {Failure} see `libvirtFailure`.
   */
  async use<Result>(what: string, calls: (libvirt: Libvirt) => Promise<Result>): Promise<Result> {
    try {
      return await this.#useOnce(calls);
    } catch (error) {
      throw libvirtFailure(error, what);
    }
  }

  /** A live connection. @throws what `connect` throws. */
  async client(): Promise<Libvirt> {
    if (this.#closed) throw new Failure('unavailable', 'The service is ending.');
    this.#connecting ??= this.#connect();
    return this.#connecting;
  }

  /** Ends the connection; it is not made again. */
  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#connecting?.catch(() => undefined);
    await client?.close();
  }

  /** A daemon that went away while nothing was asked is noticed by the first call, which then goes to its successor. */
  async #useOnce<Result>(calls: (libvirt: Libvirt) => Promise<Result>): Promise<Result> {
    try {
      return await calls(await this.client());
    } catch (error) {
      // Nothing of this call was sent, and what went before it in `calls` may be asked again: all our calls are idempotent.
      if (!(error instanceof ConnectionLost) || error.outcome !== 'not sent') throw error;
      return calls(await this.client());
    }
  }

  async #connect(): Promise<Libvirt> {
    try {
      await this.#prepare();
      const client = await connect(this.#uri, { timeoutMs: CONNECT_TIMEOUT_MS });
      this.#forgetWhenOver(client);
      return client;
    } catch (error) {
      this.#connecting = undefined;
      throw error;
    }
  }

  #forgetWhenOver(client: Libvirt): void {
    void client.closed.then((reason) => {
      this.#connecting = undefined;
      if (!this.#closed) this.#log('warn', `the connection to libvirt ended: ${reason?.message ?? 'closed'}`);
    });
  }
}
