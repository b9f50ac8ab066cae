import { connect, type Socket } from 'node:net';

/** One answer, as much of it as a load needs to know. */
export interface RawAnswer {
  readonly status: number;
  readonly bytes: number;
  readonly body: string;
}

/**
 * One keep-alive connection that sends requests written beforehand and reads answers with a Content-Length. It costs a fraction of
 * `node:http`'s client, so that on two cores it is the server that is measured.
 */
export class RawConnection {
  readonly #socket: Socket;
  #buffer: Buffer = Buffer.alloc(0);
  #waiting: { resolve: (answer: RawAnswer) => void; reject: (why: Error) => void } | undefined;
  readonly keepBodies: boolean;

  private constructor(socket: Socket, keepBodies: boolean) {
    this.#socket = socket;
    this.keepBodies = keepBodies;
    socket.setNoDelay(true);
    socket.on('data', (data: Buffer) => this.#take(data));
    socket.on('error', (why) => this.#fail(why));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static async open(url: URL, keepBodies = false): Promise<RawConnection> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const socket = connect(Number(url.port || 80), url.hostname, resolve);
    socket.once('error', reject);
    await promise;
    socket.off('error', reject);
    return new RawConnection(socket, keepBodies);
  }

  /** Sends one request and waits for its answer; one at a time. */
  ask(request: Buffer): Promise<RawAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
    this.#waiting = { resolve, reject };
    this.#socket.write(request);
    return promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(data: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? data : Buffer.concat([this.#buffer, data]);
    const end = this.#buffer.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = this.#buffer.toString('latin1', 0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    const status = Number(head.slice(9, 12));
    if (length === undefined && status !== 204) {
      this.#fail(new Error(`an answer without a Content-Length: ${head}`));
      return;
    }
    const whole = end + 4 + Number(length ?? 0);
    if (this.#buffer.length < whole) return;
    const body = this.keepBodies ? this.#buffer.toString('utf8', end + 4, whole) : '';
    this.#buffer = this.#buffer.subarray(whole);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ status, bytes: whole, body });
  }

  #fail(why: Error): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(why);
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
