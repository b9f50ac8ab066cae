import { createHash, type Hash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

/** A request to a worker: bytes to add to the digest of one stream, or the end of the stream. */
export interface DigestRequest {
  readonly stream: number;
  /** In shared memory, so that they are not copied. Undefined ends the stream. */
  readonly bytes?: Uint8Array | undefined;
}

/** The reply when the bytes have been read, or with the digest (hex) of an ended stream. */
export interface DigestReply {
  readonly stream: number;
  readonly digest?: string;
}

/** Open digests by stream. The thread serves one algorithm (`workerData`). */
const hashes = new Map<number, Hash>();

parentPort?.on('message', ({ stream, bytes }: DigestRequest) => {
  const hash = hashes.get(stream) ?? createHash(workerData as string);
  if (bytes === undefined) {
    hashes.delete(stream);
    reply({ stream, digest: hash.digest('hex') });
    return;
  }
  hashes.set(stream, hash.update(bytes));
  reply({ stream });
});

function reply(message: DigestReply): void {
  parentPort?.postMessage(message);
}
