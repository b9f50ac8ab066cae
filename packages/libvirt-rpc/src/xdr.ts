import { EncodeError, ProtocolError } from './errors.ts';

/** libvirt's bound for one string (REMOTE_STRING_MAX), in bytes. */
export const stringMax = 4 * 1024 * 1024;

/**
 * Reads XDR (RFC 4506) from one message. Every read is checked against the message's end.
 *
 * @throws ProtocolError when the message is shorter than what it should hold, or malformed.
 */
export class XdrReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** Asserts that nothing is left. */
  end(): void {
    if (this.remaining > 0) throw new ProtocolError(`${this.remaining} bytes too many at the message's end`);
  }

  i32(): number {
    return this.#bytes.readInt32BE(this.#advance(4));
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#advance(4));
  }

  i64(): bigint {
    return this.#bytes.readBigInt64BE(this.#advance(8));
  }

  u64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#advance(8));
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#advance(8));
  }

  /** An optional's or boolean's word: 0 or 1, nothing else. */
  flag(): boolean {
    const word = this.u32();
    if (word > 1) throw new ProtocolError(`a flag has the value ${word}; only 0 and 1 are known`);
    return word === 1;
  }

  /** So many bytes, padded to a multiple of four. The result shares the message's memory. */
  fixed(length: number): Buffer {
    const start = this.#advance(length + padding(length));
    return this.#bytes.subarray(start, start + length);
  }

  /** A length and so many bytes. The result shares the message's memory. */
  opaque(max: number): Buffer {
    return this.fixed(this.#length(max));
  }

  /** A string. Bytes that are not UTF-8 become U+FFFD. */
  string(max: number = stringMax): string {
    const length = this.#length(max);
    const start = this.#advance(length + padding(length));
    return this.#bytes.toString('utf8', start, start + length);
  }

  /** The count of an array of items that take at least `itemSize` bytes each. */
  count(itemSize: number): number {
    const count = this.u32();
    if (count * itemSize > this.remaining)
      throw new ProtocolError(`an array of ${count} items in a message with ${this.remaining} bytes left`);
    return count;
  }

  #length(max: number): number {
    const length = this.u32();
    if (length > max)
      throw new ProtocolError(`a string or opaque of ${length} bytes; at most ${max} may come`);
    return length;
  }

  #advance(length: number): number {
    const start = this.#offset;
    if (start + length > this.#bytes.length)
      throw new ProtocolError(`the message ends at byte ${this.#bytes.length}; ${start + length} are needed`);
    this.#offset = start + length;
    return start;
  }
}

/**
 * Writes XDR into a buffer that grows.
 *
 * @throws EncodeError when a value does not fit its type.
 */
export class XdrWriter {
  #bytes = Buffer.allocUnsafe(256);
  #length = 0;

  /** What was written. Shares the writer's memory: write no more after it. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  i32(value: number): void {
    if ((value | 0) !== value) throw new EncodeError(`${value} is not a whole number of 32 bits`);
    const start = this.#grow(4);
    this.#bytes.writeInt32BE(value, start);
  }

  u32(value: number): void {
    if (value >>> 0 !== value) throw new EncodeError(`${value} is not a whole number of 32 bits, from 0 up`);
    const start = this.#grow(4);
    this.#bytes.writeUInt32BE(value, start);
  }

  i64(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw new EncodeError(`${value} does not fit into 64 bits`);
    const start = this.#grow(8);
    this.#bytes.writeBigInt64BE(value, start);
  }

  u64(value: bigint): void {
    if (BigInt.asUintN(64, value) !== value)
      throw new EncodeError(`${value} does not fit into 64 bits, from 0 up`);
    const start = this.#grow(8);
    this.#bytes.writeBigUInt64BE(value, start);
  }

  double(value: number): void {
    const start = this.#grow(8);
    this.#bytes.writeDoubleBE(value, start);
  }

  flag(value: boolean): void {
    this.u32(value ? 1 : 0);
  }

  /** The bytes as they are, padded to a multiple of four. */
  fixed(value: Uint8Array): void {
    const start = this.#grow(value.length + padding(value.length));
    this.#bytes.set(value, start);
    this.#bytes.fill(0, start + value.length, this.#length);
  }

  opaque(value: Uint8Array, max: number): void {
    if (value.length > max)
      throw new EncodeError(`an opaque of ${value.length} bytes; at most ${max} may go`);
    this.u32(value.length);
    this.fixed(value);
  }

  /**
   * A string. NUL would cut it short in the daemon, half a surrogate pair would change it: both are refused.
   */
  string(value: string, max: number = stringMax): void {
    if (value.includes('\0'))
      throw new EncodeError(`the string ${JSON.stringify(value)} has a NUL character`);
    if (!value.isWellFormed())
      throw new EncodeError(`the string ${JSON.stringify(value)} has half a surrogate pair`);
    const length = Buffer.byteLength(value);
    if (length > max) throw new EncodeError(`a string of ${length} bytes; at most ${max} may go`);
    this.u32(length);
    const start = this.#grow(length + padding(length));
    this.#bytes.write(value, start, length, 'utf8');
    this.#bytes.fill(0, start + length, this.#length);
  }

  /** Makes room; gives its start. May bring another buffer: to be called before `#bytes` is read. */
  #grow(length: number): number {
    const start = this.#length;
    const end = start + length;
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, start);
      this.#bytes = larger;
    }
    this.#length = end;
    return start;
  }
}

function padding(length: number): number {
  return -length & 3;
}
