import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { requirementOf } from './extra-spec-operators.ts';

const mismatch = (value: string, requirement: string) => requirementOf(requirement)(value);

/**
 * nova/tests/unit/scheduler/filters/test_extra_specs_ops.py ExtraSpecsOpsTestCase covers the same operators.
 */
const ROWS: readonly (readonly [value: string, requirement: string, matches: boolean])[] = [
  ['1', '1', true],
  ['', '', true],
  ['1', '', false],
  ['3', '1', false],
  ['two words', 'two words', true],
  ['222', '= 12', true],
  ['1', '= 3', false],
  ['3', '= 3', true],
  ['1.5', '>= 1', true],
  ['1e3', '== 1000', true],
  ['1_000', '== 1000', true],
  ['-inf', '<= 0', true],
  ['inf', '>= 1e300', true],
  ['5', '<= 4', false],
  ['3', '!= 3', false],
  ['3', '!= 2', true],
  ['3', '  ==   3.0 ', true],
  ['1234', 's== 1234', true],
  ['1234', 's== 123', false],
  ['1', 's!= 2', true],
  ['1000', 's< 1001', true],
  ['2', 's< 12', false],
  ['2', 's> 12', true],
  ['12', 's<= 12', true],
  ['12', 's>= 13', false],
  ['abc', 's== abc def', true],
  ['12311321', '<in> 11', true],
  ['12310321', '<in> 11', false],
  ['aes mmx aux', '<all-in> aes mmx', true],
  ['aes mmx aux', '<all-in> aes txt', false],
  ['12', '<or> 11 <or> 12', true],
  ['13', '<or> 11 <or> 12', false],
  ['<or>', '<or> 11 <or> 12', false],
  ['12', '<or> 12 <or>', true],
  ['12', '<or>', false],
  ['12', '>=', false],
  ['12', '<in>', false],
  ['> 4', '> 4', true],
  ['5', '> 4', false],
  ['constructor', 'constructor', true],
  ['x', 'constructor y', false],
]; // biome-ignore format: a table

describe('an extra spec and a value', () => {
  for (const [value, requirement, matches] of ROWS)
    it(`'${value}' ${matches ? 'fits' : 'does not fit'} '${requirement}'`, () => {
      assert.equal(mismatch(value, requirement) === undefined, matches);
    });

  it('that is no number does not fit a numeric operator, and that is said', () => {
    assert.equal(
      mismatch('many', '>= 8'),
      "'many' is not a number, and the operator of '>= 8' compares numbers",
    );
    assert.equal(
      mismatch('8', '>= many'),
      "'many' is not a number, and the operator of '>= many' compares numbers",
    );
    assert.match(mismatch('nan', '== nan') ?? '', /is not a number/);
    assert.equal(mismatch('8', '<in>'), "'<in>' names nothing to compare with");
  });

  it('are compared whatever they are', () => {
    const word = fc.constantFrom('=', '==', '<or>', '<in>', '<all-in>', 's<', '7', 'x', ' ', '>=');
    fc.assert(
      fc.property(fc.string(), fc.array(word), (value, words) => {
        const why = mismatch(value, words.join(' '));
        assert.ok(why === undefined || why.length > 0);
      }),
    );
  });
});
