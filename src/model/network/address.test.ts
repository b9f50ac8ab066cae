import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addressBits, addressKey, addressText, type IpAddress, parseAddress, valueOfKey } from './address.ts';

const address: fc.Arbitrary<IpAddress> = fc
  .constantFrom<(4 | 6)[]>(4, 6)
  .chain((version) =>
    fc
      .bigInt({ min: 0n, max: (1n << BigInt(addressBits(version))) - 1n })
      .map((value) => ({ version, value })),
  );

describe('an IP address', () => {
  it('is read back from its canonical text and from its key', () => {
    fc.assert(
      fc.property(address, (one) => {
        const text = addressText(one);
        assert.ok(one.version === 4 ? isIPv4(text) : isIPv6(text), text);
        assert.deepEqual(parseAddress(text), one);
        assert.equal(valueOfKey(addressKey(one)), one.value);
      }),
    );
  });

  it('sorts by its key as by its number', () => {
    fc.assert(
      fc.property(address, address, (one, other) => {
        fc.pre(one.version === other.version);
        assert.equal(addressKey(one) < addressKey(other), one.value < other.value);
      }),
    );
  });

  it('has one canonical text, whatever form it was written in', () => {
    for (const [text, canonical] of [
      ['10.0.0.1', '10.0.0.1'],
      ['FD00:0:0::0001', 'fd00::1'],
      ['fd00:0000:0000:0000:0000:0000:0000:0001', 'fd00::1'],
      ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
      ['::', '::'],
    ] as const)
      assert.equal(addressText(parseAddress(text) as IpAddress), canonical);
  });

  it('is not IPv4 when IPv6 maps it', () => {
    const mapped = parseAddress('::ffff:10.0.0.1');
    assert.deepEqual(mapped, parseAddress('::ffff:a00:1'));
    assert.equal(mapped?.version, 6);
  });

  it('is in none of the forms that other programs read differently', () => {
    const bad = [
      '',
      '10',
      '10.1',
      '010.0.0.1',
      '10.0.0.08',
      '0x0a.0.0.1',
      '10.0.0.256',
      '10.0.0.1 ',
      '10.0.0.1/8',
    ];
    for (const text of [
      ...bad,
      'fd00::1%eth0',
      'fd00::1::',
      ':::',
      'g::',
      '1.2.3.4::',
      `::${'0'.repeat(99)}`,
    ])
      assert.equal(parseAddress(text), undefined, text);
  });

  it('is read as the system reads it, or not at all', () => {
    const part = fc.constantFrom(
      '0',
      '1',
      '00',
      '255',
      '256',
      'a',
      'ffff',
      '.',
      ':',
      '::',
      '%',
      '/',
      ' ',
      '-1',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 16 }), (parts) => {
        const text = parts.join('');
        const read = parseAddress(text);
        if (isIPv4(text)) assert.equal(read?.version, 4, text);
        else if (isIPv6(text) && !text.includes('%')) assert.equal(read?.version, 6, text);
        else assert.equal(read, undefined, text);
      }),
      { numRuns: 2_000 },
    );
  });
});
