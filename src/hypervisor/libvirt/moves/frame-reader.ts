import { Failure } from '../../../model/failure.ts';
import {
  damaged,
  FRAME_HEAD,
  FRAME_KINDS,
  type FrameKind,
  MAX_PAYLOAD_BYTES,
  STREAM_MAGIC,
} from './disk-stream.ts';

export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Buffer;
}

/** Parses a stream of disks frame by frame. At most one frame and one chunk are in memory. */
export class FrameReader {
  readonly #source: AsyncIterator<Buffer>;
  #chunks: Buffer[] = [];
  #held = 0;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Reads the magic before the first frame. @throws {Failure} `invalid` for another kind of stream */
  async begin(): Promise<void> {
    if (!(await this.#take(STREAM_MAGIC.length)).equals(STREAM_MAGIC))
      throw damaged('does not begin as one of this version does');
  }

  /** @throws {Failure} `unavailable` when the stream broke off, `invalid` when it is damaged */
  async next(): Promise<Frame> {
    const head = await this.#take(FRAME_HEAD);
    const length = head.readUInt32BE();
    const kind = FRAME_KINDS[head.readUInt8(4)];
    if (kind === undefined || length > MAX_PAYLOAD_BYTES) throw damaged('has a frame that is none');
    return { kind, payload: await this.#take(length) };
  }

  async #take(length: number): Promise<Buffer> {
    while (this.#held < length) {
      const { value, done } = await this.#pull();
      if (done === true) throw brokeOff('it ended early');
      this.#chunks.push(value);
      this.#held += value.length;
    }
    const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#chunks = [all.subarray(length)];
    this.#held = all.length - length;
    return all.subarray(0, length);
  }

  async #pull(): Promise<IteratorResult<Buffer, unknown>> {
    try {
      return await this.#source.next();
    } catch (error) {
      if (error instanceof Failure) throw error;
      throw brokeOff(error instanceof Error ? error.message : String(error), error);
    }
  }
}

function brokeOff(why: string, cause?: unknown): Failure {
  return new Failure('unavailable', 'The disks from another compute host did not come whole.', {
    operatorText: `The stream of disks broke off: ${why}`,
    cause,
  });
}
