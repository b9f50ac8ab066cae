import { createHash } from 'node:crypto';
import { Failure } from '../../../model/failure.ts';

/**
 * The form in which disk sets go from host to host: eight letters, then frames of a length, a kind and a
 * payload.
 *
 *     start   JSON, StreamStart
 *     file    JSON, SentFile; for one with content there follow:
 *     data    an offset (8 bytes) and what stands there; offsets rise, what is not sent is zero
 *     sum     SHA-256 over all data payloads of the file and its size
 *     end     nothing follows: a stream without it broke off
 */
export const STREAM_MAGIC = Buffer.from('NPDISKS2', 'latin1');
export const FRAME_KINDS = ['start', 'file', 'data', 'sum', 'end'] as const;
export type FrameKind = (typeof FRAME_KINDS)[number];

/** Bytes of content in one frame, at most. */
export const MAX_DATA_BYTES = 1024 * 1024;
/** Bytes of a frame's payload, at most. */
export const MAX_PAYLOAD_BYTES = MAX_DATA_BYTES + 8;
export const FRAME_HEAD = 5;
/** Bytes that a disk may have: more than any file system takes, less than a number loses. */
export const MAX_FILE_BYTES = 2 ** 50;

/** What the stream is. */
export interface StreamStart {
  readonly purpose: 'move' | 'live';
  /** Where the source keeps its guests' files: a live migration needs the same path at the destination. */
  readonly instancesDir: string;
}

/** A file of the set, or the image's file below it. Sizes in bytes; what the receiver holds is not sent. */
export type SentFile =
  | { readonly kind: 'base'; readonly name: string; readonly size: number; readonly sent: boolean }
  /** A kernel or ramdisk; `sum`: the SHA-256 of its content, hex. It is sent in any case. */
  | {
      readonly kind: 'boot';
      readonly name: string;
      readonly size: number;
      readonly sum: string;
      readonly sent: boolean;
    }
  | { readonly kind: 'content'; readonly name: string; readonly size: number }
  /** A disk whose content libvirt copies. */
  | {
      readonly kind: 'empty';
      readonly name: string;
      readonly size: number;
      readonly format: 'qcow2' | 'raw';
    };

/** One frame as it goes out. */
export function frame(kind: FrameKind, ...payload: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(FRAME_HEAD);
  head.writeUInt32BE(payload.reduce((sum, part) => sum + part.length, 0));
  head.writeUInt8(FRAME_KINDS.indexOf(kind), 4);
  return Buffer.concat([head, ...payload]);
}

/** A frame of JSON. */
export function jsonFrame(kind: 'start' | 'file', value: StreamStart | SentFile): Buffer {
  return frame(kind, Buffer.from(JSON.stringify(value)));
}

export function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** The sum of a file's content, made while its data payloads pass. */
export class ContentSum {
  readonly #hash = createHash('sha256');

  add(...payload: readonly Buffer[]): void {
    for (const part of payload) this.#hash.update(part);
  }

  /** @param size of the whole file */
  end(size: number): Buffer {
    return this.#hash.update(numberBytes(size)).digest();
  }
}

/** What a stream is that does not keep to the form. */
export function damaged(why: string): Failure {
  return new Failure('invalid', 'The disks that came from another compute host are damaged.', {
    operatorText: `The stream of disks ${why}`,
  });
}
