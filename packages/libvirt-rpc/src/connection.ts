import type { Socket } from 'node:net';
import { decode } from './codec.ts';
import { ConnectionLost, LibvirtError, ProtocolError } from './errors.ts';
import {
  defaultMaxFrame,
  encodeFrame,
  type Frame,
  FrameParser,
  frameStatus,
  frameTypes,
  programs,
} from './frame.ts';
import { Keepalive, type KeepaliveOptions } from './keepalive.ts';
import { remoteError } from './remote-types.ts';

const keepaliveProcedures = { ping: 1, pong: 2 } as const;
const noPayload = Buffer.alloc(0);

export interface ConnectionOptions {
  /** Maximum size of an accepted frame, in bytes. Default {@link defaultMaxFrame}. */
  readonly maxFrame?: number | undefined;
}

/** An encoded call. */
export interface Request {
  readonly procedure: number;
  /** For error messages. */
  readonly name: string;
  readonly payload: Buffer;
}

interface InFlight {
  readonly request: Request;
  readonly resolve: (payload: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One socket to a daemon, with any number of concurrent calls. Answers are matched by serial. Time limits
 * and limits on concurrency belong to the lanes and the client.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #parser: FrameParser;
  readonly #inFlight = new Map<number, InFlight>();
  readonly #ended = Promise.withResolvers<Error | undefined>();
  #serial = 0;
  #over: { readonly reason: Error | undefined } | undefined;
  #keepalive: Keepalive | undefined;
  #corked = false;

  /** Called with the payload of each event, in order. An exception ends the connection. */
  onEvent: ((payload: Buffer) => void) | undefined;

  constructor(socket: Socket, options: ConnectionOptions = {}) {
    this.#socket = socket;
    this.#parser = new FrameParser(options.maxFrame ?? defaultMaxFrame);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#end(new ConnectionLost(error.message, 'unknown', error)));
    socket.on('end', () => this.#end(this.#endOfStream()));
    socket.on('close', () => this.#end(new ConnectionLost('the connection closed', 'unknown')));
  }

  /** Resolves when the connection has ended: with the reason, or with undefined after {@link close}. */
  get ended(): Promise<Error | undefined> {
    return this.#ended.promise;
  }

  /**
   * Sends a call; resolves with its reply's payload.
   *
   * @throws LibvirtError when the daemon says so; ConnectionLost when the connection ends before.
   */
  request(request: Request): Promise<Buffer> {
    if (this.#over !== undefined)
      return Promise.reject(new ConnectionLost(`${request.name} was not sent: ${this.#why()}`, 'not sent'));
    do this.#serial = (this.#serial + 1) >>> 0;
    while (this.#inFlight.has(this.#serial));
    const serial = this.#serial;
    return new Promise((resolve, reject) => {
      this.#inFlight.set(serial, { request, resolve, reject });
      const { procedure, payload } = request;
      const { remote: program } = programs;
      this.#send({ program, procedure, type: frameTypes.call, serial, status: frameStatus.ok, payload });
    });
  }

  /** Starts to ping the peer. Call it only if both sides support keepalive. */
  startKeepalive(options: KeepaliveOptions): void {
    this.#keepalive = new Keepalive(options, {
      ping: () => this.#sendKeepalive(keepaliveProcedures.ping),
      lost: (silentMs) =>
        this.#end(new ConnectionLost(`the daemon has been silent for ${silentMs} ms`, 'unknown')),
    });
  }

  /**
   * Sends a last call without waiting for its answer, and closes the connection. Calls in progress reject.
   */
  async close(farewell: Request | undefined): Promise<void> {
    if (this.#over === undefined && farewell !== undefined) this.request(farewell).catch(() => {});
    this.#end(undefined);
    if (!this.#socket.destroyed)
      await new Promise<void>((resolve) => this.#socket.once('close', () => resolve()));
  }

  #receive(chunk: Buffer): void {
    this.#keepalive?.heard();
    try {
      for (const frame of this.#parser.push(chunk)) {
        if (this.#over !== undefined) return;
        this.#dispatch(frame);
      }
    } catch (error) {
      const reason = error instanceof Error ? error : new ProtocolError(String(error));
      this.#end(reason);
    }
  }

  #dispatch(frame: Frame): void {
    const { program, type } = frame;
    if (program === programs.keepalive) this.#answerKeepalive(frame);
    else if (program !== programs.remote)
      throw new ProtocolError(`a frame of the unknown program 0x${program.toString(16)}`);
    else if (type === frameTypes.message) this.onEvent?.(frame.payload);
    else if (type === frameTypes.reply) this.#settle(frame);
    else throw new ProtocolError(`a frame of the unexpected type ${type}`);
  }

  #settle({ serial, procedure, status, payload }: Frame): void {
    const call = this.#inFlight.get(serial);
    if (call === undefined) throw new ProtocolError(`a reply to the call ${serial}, which is not in flight`);
    const { request, resolve, reject } = call;
    if (procedure !== request.procedure)
      throw new ProtocolError(`a reply of procedure ${procedure} to a call of ${request.procedure}`);
    if (status !== frameStatus.ok && status !== frameStatus.error)
      throw new ProtocolError(`a reply of the unexpected status ${status}`);
    const error = status === frameStatus.error ? decode(remoteError, payload) : undefined;
    this.#inFlight.delete(serial);
    if (error === undefined) resolve(payload);
    else reject(new LibvirtError(error, request.name));
  }

  #answerKeepalive({ procedure }: Frame): void {
    if (procedure === keepaliveProcedures.ping) this.#sendKeepalive(keepaliveProcedures.pong);
  }

  #sendKeepalive(procedure: number): void {
    const { keepalive: program } = programs;
    const status = frameStatus.ok;
    this.#send({ program, procedure, type: frameTypes.message, serial: 0, status, payload: noPayload });
  }

  /** Sends the frames of one turn of the event loop with one system call. */
  #send(frame: Frame): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(encodeFrame(frame));
  }

  #endOfStream(): Error {
    return this.#parser.idle
      ? new ConnectionLost('the daemon ended the connection', 'unknown')
      : new ProtocolError('the connection ended within a frame');
  }

  #why(): string {
    return this.#over?.reason?.message ?? 'the connection is closed';
  }

  #end(reason: Error | undefined): void {
    if (this.#over !== undefined) return;
    this.#over = { reason };
    this.#keepalive?.stop();
    // Without a reason, this side closes the connection: written data is still sent.
    if (reason === undefined) this.#socket.destroySoon();
    else this.#socket.destroy();
    for (const { request, reject } of this.#inFlight.values())
      reject(new ConnectionLost(`${request.name} was sent, then: ${this.#why()}`, 'unknown', reason));
    this.#inFlight.clear();
    this.#ended.resolve(reason);
  }
}
