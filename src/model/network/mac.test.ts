import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { generatedMac, parseMac } from './mac.ts';

describe('a MAC', () => {
  it('has one canonical form, whatever form it was written in', () => {
    for (const text of ['fa:16:3e:00:0a:FF', 'FA-16-3E-00-0A-FF', 'fa16.3e00.0aff', 'FA163E000AFF'])
      assert.equal(parseMac(text), 'fa:16:3e:00:0a:ff');
  });

  it('is the address of one interface', () => {
    const bad = [
      '',
      'fa:16:3e:00:0a',
      'fa:16:3e:00:0a:ff:00',
      'fa:16-3e:00:0a:ff',
      'fa:16:3e:0:a:ff',
      'g'.repeat(12),
    ];
    for (const text of [...bad, '01:00:5e:00:00:01', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00'])
      assert.equal(parseMac(text), undefined, text);
  });

  it('that is generated is read back as it is, another one for each suffix', () => {
    fc.assert(
      fc.property(fc.nat(0xffffff), fc.nat(0xffffff), (one, other) => {
        assert.equal(parseMac(generatedMac(one)), generatedMac(one));
        assert.equal(generatedMac(one) === generatedMac(other), one === other);
      }),
    );
  });
});
