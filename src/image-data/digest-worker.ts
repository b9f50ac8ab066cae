import { createHash, type Hash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

/** What a worker is sent: bytes to add to the digest of one stream, or its end. */
export interface DigestRequest {
  readonly stream: number;
  /** Shared, so that they are not copied; undefined ends the stream. */
  readonly bytes?: Uint8Array | undefined;
}

/** Sent once the bytes have been read, or with the digest (hex) of a stream that ended. */
export interface DigestReply {
  readonly stream: number;
  readonly digest?: string;
}

/** The digests of several streams by one algorithm, `workerData`, in a thread of their own. */
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
