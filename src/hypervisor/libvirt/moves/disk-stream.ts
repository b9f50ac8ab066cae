import { createHash } from 'node:crypto';
import { Failure } from '../../../model/failure.ts';

/**
 * The format in which disk sets travel between hosts: a magic of eight letters, then frames of length, kind
 * and payload.
 *
 *     start   JSON, StreamStart
 *     file    JSON, SentFile; the frames of its content follow, if it is sent:
 *     data    an offset (8 bytes) and the data there; offsets increase, and gaps are zeros
 *     sum     SHA-256 over all data payloads of the file and its size
 *     end     the last frame: a stream without it broke off
 */
export const STREAM_MAGIC = Buffer.from('NPDISKS2', 'latin1');
export const FRAME_KINDS = ['start', 'file', 'data', 'sum', 'end'] as const;
export type FrameKind = (typeof FRAME_KINDS)[number];

/** Maximum bytes of content in one frame. */
export const MAX_DATA_BYTES = 1024 * 1024;
/** Maximum bytes of a frame's payload. */
export const MAX_PAYLOAD_BYTES = MAX_DATA_BYTES + 8;
export const FRAME_HEAD = 5;
/** Maximum bytes of a disk: more than any file system supports, and small enough for exact numbers. */
export const MAX_FILE_BYTES = 2 ** 50;

/** The description of a stream. */
export interface StreamStart {
  readonly purpose: 'move' | 'live';
  /** The folder of guests' files at the source: a live migration needs the same path at the destination. */
  readonly instancesDir: string;
}

/** A file of the set, or its base. Sizes in bytes. A base that the receiver has is not sent. */
export type SentFile =
  | { readonly kind: 'base'; readonly name: string; readonly size: number; readonly sent: boolean }
  /** A kernel or ramdisk, which is always sent. `sum`: the SHA-256 of its content, hex. */
  | {
      readonly kind: 'boot';
      readonly name: string;
      readonly size: number;
      readonly sum: string;
      readonly sent: boolean;
    }
  | { readonly kind: 'content'; readonly name: string; readonly size: number }
  /** A disk whose content libvirt migrates. */
  | {
      readonly kind: 'empty';
      readonly name: string;
      readonly size: number;
      readonly format: 'qcow2' | 'raw';
    };

/** Encodes one frame. */
export function frame(kind: FrameKind, ...payload: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(FRAME_HEAD);
  head.writeUInt32BE(payload.reduce((sum, part) => sum + part.length, 0));
  head.writeUInt8(FRAME_KINDS.indexOf(kind), 4);
  return Buffer.concat([head, ...payload]);
}

/** Encodes a frame with a JSON payload. */
export function jsonFrame(kind: 'start' | 'file', value: StreamStart | SentFile): Buffer {
  return frame(kind, Buffer.from(JSON.stringify(value)));
}

export function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** The checksum of a file's content, over its data payloads. */
export class ContentSum {
  readonly #hash = createHash('sha256');

  add(...payload: readonly Buffer[]): void {
    for (const part of payload) this.#hash.update(part);
  }

  /** @param size the size of the whole file */
  end(size: number): Buffer {
    return this.#hash.update(numberBytes(size)).digest();
  }
}

/** The failure for a malformed stream. */
export function damaged(why: string): Failure {
  return new Failure('invalid', 'The disks that came from another compute host are damaged.', {
    operatorText: `The stream of disks ${why}`,
  });
}
