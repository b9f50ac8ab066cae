import { ProtocolError } from './errors.ts';

/** Bytes of a frame before its payload: length, program, version, procedure, type, serial, status. */
export const headerSize = 28;

/** Default maximum size of an accepted frame, in bytes: libvirt's VIR_NET_MESSAGE_MAX. */
export const defaultMaxFrame = 32 * 1024 * 1024;

/** Programs of the protocol (`REMOTE_PROGRAM`, `KEEPALIVE_PROGRAM`). */
export const programs = { remote: 0x20008086, keepalive: 0x6b656570 } as const;

/** `virNetMessageType`. */
export const frameTypes = { call: 0, reply: 1, message: 2, stream: 3 } as const;

/** `virNetMessageStatus`. */
export const frameStatus = { ok: 0, error: 1, continue: 2 } as const;

/** One message of the protocol. */
export interface Frame {
  readonly program: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
  readonly payload: Buffer;
}

/** Encodes a frame. */
export function encodeFrame(frame: Frame): Buffer {
  const bytes = Buffer.allocUnsafe(headerSize + frame.payload.length);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(frame.program, 4);
  bytes.writeUInt32BE(1, 8);
  bytes.writeInt32BE(frame.procedure, 12);
  bytes.writeUInt32BE(frame.type, 16);
  bytes.writeUInt32BE(frame.serial, 20);
  bytes.writeUInt32BE(frame.status, 24);
  bytes.set(frame.payload, headerSize);
  return bytes;
}

/**
 * Splits a stream of bytes into frames, whatever the sizes of its chunks. Memory is bounded by one frame of
 * the maximum size, and every byte is copied at most once.
 */
export class FrameParser {
  readonly #max: number;
  /** The incomplete frame: only its header at first, then all of it. */
  #partial: Buffer | undefined;
  #filled = 0;

  constructor(max: number = defaultMaxFrame) {
    this.#max = max;
  }

  /** Whether the stream is between two frames, where it may end. */
  get idle(): boolean {
    return this.#partial === undefined;
  }

  /**
   * The frames that end within this chunk.
   *
   * @throws ProtocolError on a length out of bounds or an unknown version; then the stream is lost.
   */
  *push(chunk: Buffer): Generator<Frame, void, undefined> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#partial === undefined && rest.length >= headerSize) {
        const length = this.#frameLength(rest);
        if (rest.length >= length) {
          yield decodeFrame(rest.subarray(0, length));
          rest = rest.subarray(length);
          continue;
        }
      }
      rest = this.#fill(rest);
      if (
        this.#partial !== undefined &&
        this.#filled === this.#partial.length &&
        this.#isWhole(this.#partial)
      ) {
        const whole = this.#partial;
        this.#partial = undefined;
        yield decodeFrame(whole);
      }
    }
  }

  /** Adds the missing bytes of the incomplete frame. @returns the rest of the chunk */
  #fill(chunk: Buffer): Buffer {
    if (this.#partial === undefined) {
      this.#partial = Buffer.allocUnsafeSlow(headerSize);
      this.#filled = 0;
    }
    const taken = chunk.copy(this.#partial, this.#filled, 0, this.#partial.length - this.#filled);
    this.#filled += taken;
    return chunk.subarray(taken);
  }

  /** Makes room for the payload after the header is complete. */
  #isWhole(partial: Buffer): boolean {
    const length = this.#frameLength(partial);
    if (partial.length === length) return true;
    const larger = Buffer.allocUnsafeSlow(length);
    partial.copy(larger);
    this.#partial = larger;
    return false;
  }

  #frameLength(header: Buffer): number {
    const length = header.readUInt32BE(0);
    if (length < headerSize || length > this.#max)
      throw new ProtocolError(`a frame of ${length} bytes; from ${headerSize} to ${this.#max} may come`);
    const version = header.readUInt32BE(8);
    if (version !== 1) throw new ProtocolError(`a frame of protocol version ${version}; only 1 is known`);
    return length;
  }
}

function decodeFrame(bytes: Buffer): Frame {
  return {
    program: bytes.readUInt32BE(4),
    procedure: bytes.readInt32BE(12),
    type: bytes.readUInt32BE(16),
    serial: bytes.readUInt32BE(20),
    status: bytes.readUInt32BE(24),
    payload: bytes.subarray(headerSize),
  };
}
