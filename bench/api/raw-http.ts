import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { answerIn, type RawAnswer } from './answer.ts';

interface Waiting {
  readonly request: Buffer;
  readonly resolve: (answer: RawAnswer) => void;
  readonly reject: (why: unknown) => void;
}

/**
 * One connection at a time that sends requests written beforehand. It costs a fraction of `node:http`'s
 * client, so that on two cores it is the server that is measured. A server that closes the connection after
 * an answer, as uWSGI does, is asked over a new one, as any client would.
 */
export class RawConnection {
  readonly #url: URL;
  readonly #keepBody: boolean;
  #socket: Socket | undefined;
  #buffer: Buffer = Buffer.alloc(0);
  #waiting: Waiting | undefined;

  private constructor(url: URL, keepBody: boolean) {
    this.#url = url;
    this.#keepBody = keepBody;
  }

  static async open(url: URL, keepBody = false): Promise<RawConnection> {
    const connection = new RawConnection(url, keepBody);
    connection.#socket = await connection.#connected();
    return connection;
  }

  /** Sends one request and waits for its answer; one at a time. */
  ask(request: Buffer): Promise<RawAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
    this.#waiting = { request, resolve, reject };
    if (this.#socket === undefined) void this.#sendAnew();
    else this.#socket.write(request);
    return promise;
  }

  close(): void {
    this.#socket?.destroy();
  }

  async #sendAnew(): Promise<void> {
    try {
      this.#socket = await this.#connected();
      if (this.#waiting !== undefined) this.#socket.write(this.#waiting.request);
    } catch (why) {
      this.#settle(({ reject }) => reject(why));
    }
  }

  async #connected(): Promise<Socket> {
    const socket = connect(Number(this.#url.port || 80), this.#url.hostname);
    await once(socket, 'connect');
    socket.setNoDelay(true);
    this.#buffer = Buffer.alloc(0);
    let answers = 0;
    socket.on('data', (data: Buffer) => {
      this.#buffer = this.#buffer.length === 0 ? data : Buffer.concat([this.#buffer, data]);
      if (this.#read(false)) answers++;
    });
    socket.on('error', () => undefined); // 'close' comes after it
    socket.on('close', () => {
      this.#socket = undefined;
      if (this.#read(true) || this.#waiting === undefined) return;
      // After an answer and before a byte of the next one: the request was not taken.
      if (answers > 0 && this.#buffer.length === 0) void this.#sendAnew();
      else this.#settle(({ reject }) => reject(new Error('the server closed the connection')));
    });
    return socket;
  }

  /** Whether what has come is an answer. */
  #read(ended: boolean): boolean {
    const found = answerIn(this.#buffer, { keepBody: this.#keepBody, ended });
    if (found === undefined) return false;
    this.#buffer = this.#buffer.subarray(found.taken);
    this.#settle(({ resolve }) => resolve(found.answer));
    return true;
  }

  #settle(how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) how(waiting);
  }
}

/** The bytes of a request. */
export function requestBytes(of: {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}): Buffer {
  const { method, url, headers, body } = of;
  const lines = [`${method} ${url.pathname}${url.search} HTTP/1.1`, `Host: ${url.host}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined)
    lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
}
