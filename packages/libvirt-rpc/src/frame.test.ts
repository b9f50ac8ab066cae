import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ProtocolError } from './errors.ts';
import { encodeFrame, type Frame, FrameParser, headerSize } from './frame.ts';

const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T, keyof T>(fields, { noNullPrototype: true });
const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const frame: fc.Arbitrary<Frame> = record({
  program: word,
  procedure: fc.integer(),
  type: word,
  serial: word,
  status: word,
  payload: fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
});

function frameOf(payload: Buffer): Frame {
  return { program: 1, procedure: 2, type: 1, serial: 3, status: 0, payload };
}

describe('frames', () => {
  it('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(frame), fc.array(fc.integer({ min: 1, max: 80 })), (frames, cuts) => {
        const stream = Buffer.concat(frames.map(encodeFrame));
        const parser = new FrameParser();
        const got: Frame[] = [];
        let rest = stream;
        for (const cut of [...cuts, stream.length]) {
          got.push(...parser.push(rest.subarray(0, cut)));
          rest = rest.subarray(cut);
        }
        got.push(...parser.push(rest));
        assert.deepEqual(got, frames);
        assert.ok(parser.idle);
      }),
    );
  });

  it('come out at their last byte when fed one at a time', () => {
    const stream = Buffer.concat([
      encodeFrame(frameOf(Buffer.from('abcd'))),
      encodeFrame(frameOf(Buffer.alloc(0))),
    ]);
    const parser = new FrameParser();
    const ends: number[] = [];
    for (let index = 0; index < stream.length; index++)
      for (const _ of parser.push(stream.subarray(index, index + 1))) ends.push(index + 1);
    assert.deepEqual(ends, [headerSize + 4, stream.length]);
  });

  it('have the header that libvirt sends', () => {
    const call = {
      program: 0x20008086,
      procedure: 66,
      type: 0,
      serial: 0,
      status: 0,
      payload: Buffer.alloc(0),
    };
    const bytes = '0000001c200080860000000100000042000000000000000000000000';
    assert.equal(encodeFrame(call).toString('hex'), bytes);
  });

  it('are refused when shorter than a header, longer than the limit, or of another version', () => {
    const good = encodeFrame(frameOf(Buffer.alloc(36)));
    for (const [offset, value, message] of [
      [0, 27, /27 bytes/],
      [0, 0, /0 bytes/],
      [0, 65, /65 bytes; from 28 to 64/],
      [0, 0xffffffff, /4294967295 bytes/],
      [8, 2, /version 2/],
    ] as const) {
      const bad = Buffer.from(good);
      bad.writeUInt32BE(value, offset);
      const refused = (error: unknown) => error instanceof ProtocolError && message.test(error.message);
      assert.throws(() => [...new FrameParser(64).push(bad)], refused);
      const byBytes = new FrameParser(64);
      assert.throws(() => [...bad].flatMap((byte) => [...byBytes.push(Buffer.from([byte]))]), refused);
    }
    assert.equal([...new FrameParser(64).push(good)].length, 1);
  });

  it('leave the parser not idle within one', () => {
    const parser = new FrameParser();
    assert.deepEqual([...parser.push(encodeFrame(frameOf(Buffer.alloc(8))).subarray(0, 30))], []);
    assert.equal(parser.idle, false);
  });
});
