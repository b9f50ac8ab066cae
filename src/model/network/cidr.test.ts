import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addressBits, addressText } from './address.ts';
import { type Cidr, defaultPools, hostSpan, parseCidr, spanOfPool } from './cidr.ts';
import { contains, cut, overlaps, type Span, within, without } from './spans.ts';

const numbers = fc.bigInt({ min: 0n, max: 40n });
const span: fc.Arbitrary<Span> = fc
  .tuple(numbers, numbers)
  .map(([one, other]) => (one < other ? { first: one, last: other } : { first: other, last: one }));
const apart = fc.array(numbers, { maxLength: 6 }).map((points) =>
  [...new Set(points)]
    .toSorted((one, other) => Number(one - other))
    .flatMap((first, at, all) => (at % 2 === 0 ? [{ first, last: (all[at + 1] ?? first + 1n) - 1n }] : []))
    .filter(({ first, last }) => first <= last),
);
const members = ({ first, last }: Span) =>
  Array.from({ length: Number(last - first) + 1 }, (_, at) => first + BigInt(at));

const block: fc.Arbitrary<Cidr> = fc
  .constantFrom<(4 | 6)[]>(4, 6)
  .chain((version) =>
    fc.tuple(
      fc.constant(version),
      fc.bigInt({ min: 0n, max: (1n << BigInt(addressBits(version))) - 1n }),
      fc.integer({ min: 0, max: addressBits(version) }),
    ),
  )
  .map(([version, value, prefix]) => parseCidr(`${addressText({ version, value })}/${prefix}`) as Cidr);

describe('a CIDR', () => {
  it('is canonical: read again it is the same, and it holds its ends and nothing beside them', () => {
    fc.assert(
      fc.property(block, (cidr) => {
        assert.deepEqual(parseCidr(cidr.text), cidr);
        const { version, first, last, prefix } = cidr;
        const list = new BlockList();
        const family = version === 4 ? 'ipv4' : 'ipv6';
        list.addSubnet(addressText({ version, value: first }), prefix, family);
        const has = (value: bigint) => list.check(addressText({ version, value }), family);
        assert.ok(has(first) && has(last));
        if (first > 0n) assert.ok(!has(first - 1n));
        if (last + 1n < 1n << BigInt(addressBits(version))) assert.ok(!has(last + 1n));
      }),
    );
  });

  it('loses the bits of a host', () => {
    assert.equal(parseCidr('10.0.0.77/24')?.text, '10.0.0.0/24');
    assert.equal(parseCidr('FD00::1:2/64')?.text, 'fd00::/64');
    assert.equal(parseCidr('0.0.0.0/0')?.text, '0.0.0.0/0');
  });

  it('is nothing else', () => {
    for (const text of [
      '10.0.0.0',
      '10.0.0.0/',
      '10.0.0.0/33',
      '10.0.0.0/08',
      '10.0.0.0/-1',
      '10.0.0.0/24/1',
    ])
      assert.equal(parseCidr(text), undefined, text);
    for (const text of ['/24', 'fd00::/129', '10.0.0.0/255.255.255.0', 'fd00::/ 64', 'x/1'])
      assert.equal(parseCidr(text), undefined, text);
  });

  it('hands out what hosts may have but the gateway', () => {
    fc.assert(
      fc.property(block, fc.nat(5), (cidr, offset) => {
        const hosts = hostSpan(cidr);
        const gateway = cidr.first + BigInt(offset);
        const pools = defaultPools(cidr, gateway).map(spanOfPool);
        assert.deepEqual(pools, without(hosts, [{ first: gateway, last: gateway }]));
        assert.deepEqual(defaultPools(cidr, null).map(spanOfPool), [hosts]);
      }),
    );
    const of = (text: string) => defaultPools(parseCidr(text) as Cidr, null);
    assert.deepEqual(of('10.0.0.0/24'), [{ start: '10.0.0.1', end: '10.0.0.254' }]);
    assert.deepEqual(of('10.0.0.0/31'), [{ start: '10.0.0.0', end: '10.0.0.1' }]);
    assert.deepEqual(of('fd00::/126'), [{ start: 'fd00::1', end: 'fd00::3' }]);
  });
});

describe('spans of addresses', () => {
  it('overlap where they have an address in common', () => {
    fc.assert(
      fc.property(span, span, (one, other) => {
        const common = members(one).some((value) => contains(other, value));
        assert.equal(overlaps(one, other), common);
      }),
    );
  });

  it('without others have what no other has, within others what one of them has', () => {
    fc.assert(
      fc.property(span, apart, (one, others) => {
        const inOthers = (value: bigint) => others.some((other) => contains(other, value));
        assert.deepEqual(
          without(one, others).flatMap(members),
          members(one).filter((value) => !inOthers(value)),
        );
        assert.deepEqual(within(one, others).flatMap(members), members(one).filter(inOthers));
      }),
    );
  });

  it('are cut into at most so many parts that make up the whole, all but the last no larger than asked', () => {
    fc.assert(
      fc.property(
        span,
        fc.integer({ min: 1, max: 5 }),
        fc.bigInt({ min: 1n, max: 20n }),
        (one, parts, size) => {
          const cuts = cut(one, { parts, size });
          assert.ok(cuts.length <= parts);
          assert.deepEqual(cuts.flatMap(members), members(one));
          for (const part of cuts.slice(0, -1)) assert.ok(part.last - part.first < size);
        },
      ),
    );
  });
});
