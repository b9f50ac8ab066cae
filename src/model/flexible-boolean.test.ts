import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ACCEPTED_BOOLEANS, parseFlexibleBoolean } from './flexible-boolean.ts';

const trueWords = ['1', 't', 'true', 'on', 'y', 'yes'];
const falseWords = ['0', 'f', 'false', 'off', 'n', 'no'];

describe('parseFlexibleBoolean', () => {
  it('reads each of the twelve words, in any case, with spaces around it', () => {
    for (const [words, meaning] of [
      [trueWords, true],
      [falseWords, false],
    ] as const) {
      for (const word of words) {
        const capitalised = `${word[0]?.toUpperCase()}${word.slice(1)}`;
        for (const written of [
          word,
          word.toUpperCase(),
          capitalised,
          ` ${word}`,
          `${word}\t`,
          `\n${word}  `,
        ]) {
          assert.equal(parseFlexibleBoolean(written), meaning, JSON.stringify(written));
        }
      }
    }
  });

  it('reads nothing else', () => {
    const others = [
      '',
      ' ',
      'unique',
      'enabled',
      'tru',
      '2',
      '-1',
      '1.0',
      '0.0',
      'None',
      'null',
      'y e s',
      'yes # x',
    ];
    for (const written of others) assert.equal(parseFlexibleBoolean(written), undefined, written);
  });

  it('never reads a text that is none of the words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (written) => {
        const isWord = [...trueWords, ...falseWords].includes(written.trim().toLowerCase());
        assert.equal(parseFlexibleBoolean(written) !== undefined, isWord);
      }),
    );
  });

  it('is described by all its words', () => {
    const [forTrue, forFalse] = ACCEPTED_BOOLEANS.split(' for true, ');
    assert.deepEqual(forTrue?.split(', '), trueWords);
    assert.deepEqual(forFalse?.replace(' for false, in any case', '').split(', '), falseWords);
  });
});
