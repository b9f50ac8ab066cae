import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isSerialNearMiss } from './serial-near-miss.ts';

describe('near misses of hw:unique_serial and hw_unique_serial', () => {
  it('neither of the right names is one', () => {
    for (const key of ['hw:unique_serial', 'hw_unique_serial'])
      assert.equal(isSerialNearMiss(key), false, key);
  });

  it('the likeliest slips are', () => {
    for (const key of [
      ...[
        'hw:unique-serial',
        'hw-unique-serial',
        'HW_UNIQUE_SERIAL',
        'Hw:Unique_Serial',
        'hw_unique_serial ',
      ],
      ...['unique_serial', 'uniqueSerial', 'os_unique_serial', 'img:unique_serial', 'libvirt_unique_serial'],
      ...['hw_uniqe_serial', 'hw:unqiue_serial', 'hw_unique_serail', 'hw_unique_serials', 'gw_unique_serial'],
      ...['hw.unique.serial', 'hw::unique_serial', 'hw__unique__serial', 'ｈｗ_unique_serial'],
    ])
      assert.equal(isSerialNearMiss(key), true, key);
  });

  it('other names are not', () => {
    for (const key of [
      ...['', 'serial', 'hw_serial', 'hw:serial_port_count', 'hw_serial_port_count', 'my_unique_serial'],
      ...['hw_unique_uuid', 'unique_serial_number', 'asset:unique_serial_no', 'hw_unique_serial_prefix'],
    ])
      assert.equal(isSerialNearMiss(key), false, key);
  });

  it('case and separators never hide the name', () => {
    const separator = fc.constantFrom('', '_', '-', ':', '.', ' ', '__');
    const cased = (word: string) =>
      fc
        .tuple(...[...word].map((letter) => fc.constantFrom(letter, letter.toUpperCase())))
        .map((all) => all.join(''));
    fc.assert(
      fc.property(cased('hw'), separator, cased('unique'), separator, cased('serial'), (a, b, c, d, e) => {
        const key = a + b + c + d + e;
        const isRight = key === 'hw:unique_serial' || key === 'hw_unique_serial';
        assert.equal(isSerialNearMiss(key), !isRight, key);
      }),
    );
  });

  it('any text is judged, however long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => typeof isSerialNearMiss(key) === 'boolean'),
    );
    assert.equal(isSerialNearMiss('hw_unique_serial'.repeat(100_000)), false);
  });
});
