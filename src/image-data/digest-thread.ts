import { Worker } from 'node:worker_threads';
import type { DigestReply, DigestRequest } from './digest-worker.ts';

/** The digest of one stream, computed in a worker thread. */
export interface ThreadDigest {
  /** Resolves when the bytes have been read. They must be in shared memory, and must not change before. */
  update(bytes: Uint8Array<SharedArrayBuffer>): Promise<void>;
  /** @returns the digest of all the bytes, hex */
  digest(): Promise<string>;
  /** Releases the thread. Call it once, as the last method. */
  close(): void;
}

type Waiting = PromiseWithResolvers<DigestReply>;

/** The worker thread of one algorithm. It runs while streams are open, and serves all of them. */
export class DigestThread {
  readonly #algorithm: string;
  readonly #waiting = new Map<number, Waiting[]>();
  #worker: Worker | undefined;
  #streams = 0;
  #open = 0;

  constructor(algorithm: string) {
    this.#algorithm = algorithm;
  }

  /** Opens a stream. */
  open(): ThreadDigest {
    const stream = this.#streams++;
    this.#open++;
    this.#waiting.set(stream, []);
    return {
      update: async (bytes) => void (await this.#send({ stream, bytes })),
      digest: async () => (await this.#send({ stream })).digest ?? '',
      close: () => this.#close(stream),
    };
  }

  async #send(request: DigestRequest): Promise<DigestReply> {
    const queue = this.#waiting.get(request.stream);
    if (queue === undefined) throw new Error('The thread that computed the digest of this stream ended.');
    this.#worker ??= this.#start();
    const waiting = Promise.withResolvers<DigestReply>();
    queue.push(waiting);
    this.#worker.postMessage(request);
    return waiting.promise;
  }

  #start(): Worker {
    const worker = new Worker(new URL('./digest-worker.ts', import.meta.url), {
      workerData: this.#algorithm,
    });
    // Replies to one stream arrive in the order of its requests.
    worker.on('message', (reply: DigestReply) => this.#waiting.get(reply.stream)?.shift()?.resolve(reply));
    worker.on('error', (error) => this.#fail(worker, error as Error));
    // The worker keeps the process alive while a stream is open. Otherwise a write that only waits for the
    // worker would be cut off at the end of the process.
    return worker;
  }

  #fail(worker: Worker, error: Error): void {
    if (this.#worker === worker) this.#worker = undefined;
    for (const waiting of this.#waiting.values()) for (const each of waiting.splice(0)) each.reject(error);
  }

  #close(stream: number): void {
    this.#waiting.delete(stream);
    if (--this.#open > 0) return;
    void this.#worker?.terminate();
    this.#worker = undefined;
  }
}
