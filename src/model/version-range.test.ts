import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isInRange, parseVersionRange } from './version-range.ts';

describe('a range of versions', () => {
  for (const [text, inside, outside] of [
    ['>=7.2', ['7.2', '7.2.0', '7.2.22', '7.10', '8'], ['7.1.99', '6', '0.7.2']],
    ['>6.0', ['6.0.1', '7'], ['6', '6.0', '6.0.0', '5.9']],
    ['<=7.2.22', ['7.2.22', '7.2'], ['7.2.23', '7.3', '10']],
    ['<8', ['7.999.999', '0'], ['8', '8.0.0']],
    ['==7.2.22', ['7.2.22'], ['7.2', '7.2.2', '7.22.2']],
    ['!=7.2', ['7.2.1'], ['7.2', '7.2.0']],
    [' >= 6.0 , <8, != 7.1 ', ['6', '7', '7.2'], ['5.9', '8', '7.1.0']],
  ] as const)
    it(text, () => {
      const range = parseVersionRange(text);
      assert.ok(range);
      for (const version of inside) assert.ok(isInRange(range, version.split('.').map(Number)), version);
      for (const version of outside) assert.ok(!isInRange(range, version.split('.').map(Number)), version);
    });

  it('is nothing else', () => {
    for (const text of ['', '7.2', '>=', '>= 7.2 <8', '~=7', '=7', '>=7.x', '>=7.', '>=7,', '>=-1', '>=7 .2'])
      assert.equal(parseVersionRange(text), undefined, text);
  });
});
