import { ConnectionLost, connect, type Libvirt } from 'libvirt-rpc';
import { Failure } from '../../../model/failure.ts';
import type { Log } from '../../../model/log.ts';
import { libvirtFailure } from './failures.ts';

/** Time limit for connecting, in milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;

/** A connection to a libvirt daemon, which is made when it is needed, and again after it was lost. */
export class LibvirtLink {
  readonly #uri: string;
  readonly #log: Log;
  /** Called before each new connection. It starts a daemon of our own if necessary. */
  readonly #prepare: () => Promise<void>;
  #connecting: Promise<Libvirt> | undefined;
  #connected: Libvirt | undefined;
  #closed = false;

  constructor(options: { uri: string; log: Log; prepare: () => Promise<void> }) {
    this.#uri = options.uri;
    this.#log = options.log;
    this.#prepare = options.prepare;
  }

  /**
   * Runs calls that change something.
   * @param what the work, for texts of failures
   * @throws {Failure} as `libvirtFailure`
   */
  async change<Result>(what: string, calls: (libvirt: Libvirt) => Promise<Result>): Promise<Result> {
    try {
      return await this.#run(calls, (error) => error.outcome === 'not sent');
    } catch (error) {
      throw libvirtFailure(error, what);
    }
  }

  /**
   * Runs calls that change nothing. Repeats them after a lost answer, and so never throws `outcome-unknown`.
   */
  async read<Result>(what: string, calls: (libvirt: Libvirt) => Promise<Result>): Promise<Result> {
    try {
      return await this.#run(calls, () => true);
    } catch (error) {
      const failure = libvirtFailure(error, what);
      if (failure.kind !== 'outcome-unknown') throw failure;
      const { operatorText } = failure;
      throw new Failure('unavailable', `The compute host's hypervisor does not answer: ${what}.`, {
        operatorText,
        cause: error,
      });
    }
  }

  /** The current connection. @throws as `connect` */
  async client(): Promise<Libvirt> {
    if (this.#closed) throw new Failure('unavailable', 'The service is shutting down.');
    this.#connecting ??= this.#connect();
    return this.#connecting;
  }

  /** Closes the connection for ever. */
  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#connecting?.catch(() => undefined);
    await client?.close();
  }

  /**
   * The first call after a daemon went away notices the loss. The call may then be repeated on a new
   * connection.
   */
  async #run<Result>(
    calls: (libvirt: Libvirt) => Promise<Result>,
    mayRepeat: (error: ConnectionLost) => boolean,
  ): Promise<Result> {
    const client = await this.client();
    try {
      return await calls(client);
    } catch (error) {
      if (!(error instanceof ConnectionLost) || !mayRepeat(error)) throw error;
      this.#forget(client);
      return calls(await this.client());
    }
  }

  async #connect(): Promise<Libvirt> {
    try {
      await this.#prepare();
      const client = await connect(this.#uri, { timeoutMs: CONNECT_TIMEOUT_MS });
      this.#connected = client;
      this.#forgetWhenOver(client);
      return client;
    } catch (error) {
      this.#connecting = undefined;
      throw error;
    }
  }

  #forgetWhenOver(client: Libvirt): void {
    void client.closed.then((reason) => {
      this.#forget(client);
      if (!this.#closed) this.#log('libvirt-lost', { why: reason?.message ?? 'closed' });
    });
  }

  #forget(client: Libvirt): void {
    if (this.#connected !== client) return;
    this.#connected = undefined;
    this.#connecting = undefined;
  }
}
