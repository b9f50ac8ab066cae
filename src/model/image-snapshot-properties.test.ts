import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseFlexibleBoolean } from './flexible-boolean.ts';
import { snapshotProperties } from './image-snapshot-properties.ts';

const bytesOf = (text: string | undefined) => Buffer.byteLength(text ?? '');

describe("a server's copy of its image's properties", () => {
  it('keeps each value to 255 bytes, between two characters, and short ones as they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (value) => {
        const { foo = '' } = snapshotProperties({ foo: value });
        if (bytesOf(value) <= 255) return assert.equal(foo, value);
        assert.ok(bytesOf(foo) <= 255 && bytesOf(foo) > 251);
        assert.ok(value.startsWith(foo));
        assert.ok(!foo.includes('\ufffd') || value.includes('\ufffd'));
      }),
    );
  });

  it('never makes something else of a word that was judged before the cut', () => {
    fc.assert(
      fc.property(fc.nat(600), fc.nat(600), fc.constantFrom('true', 'no', 'YES'), (before, after, word) => {
        const value = ' '.repeat(before) + word + ' '.repeat(after);
        const { hw_unique_serial: copy = '' } = snapshotProperties({ hw_unique_serial: value });
        assert.equal(parseFlexibleBoolean(copy), parseFlexibleBoolean(value));
        assert.ok(bytesOf(copy) <= 255);
      }),
    );
  });

  it('is small, whatever the image has', () => {
    const large = Object.fromEntries(Array.from({ length: 128 }, (_, at) => [`p${at}`, 'ü'.repeat(65_000)]));
    assert.ok(JSON.stringify(snapshotProperties(large)).length < 40_000);
  });

  it('has the command line of a kernel whole, and nothing for null', () => {
    const line = `console=ttyS0 ${'x'.repeat(2000)}`;
    const copied = snapshotProperties({ os_command_line: line, kernel_id: null, ramdisk_id: null });
    assert.deepEqual(copied, { os_command_line: line });
  });
});
