import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ConfigError } from './config-error.ts';
import { parseIni } from './ini.ts';

/** Section, key, value of every assignment. */
function parsed(text: string): [string, string, string][] {
  return parseIni(text, 'nova.conf').map(({ section, key, value }) => [section, key, value]);
}

function value(text: string): string | undefined {
  return parsed(`[a]\n${text}`)[0]?.[2];
}

function problems(text: string): string[] {
  try {
    parseIni(text, 'nova.conf');
  } catch (thrown) {
    assert.ok(thrown instanceof ConfigError);
    return thrown.message.split('\n');
  }
  assert.fail('the text was read');
}

describe('parseIni: assignments', () => {
  it("splits at the first of '=' and ':' and trims both sides", () => {
    assert.deepEqual(parsed('[a]\nb=1\nc : 2\nd = e:f=g\nh:i=j'), [
      ['a', 'b', '1'],
      ['a', 'c', '2'],
      ['a', 'd', 'e:f=g'],
      ['a', 'h', 'i=j'],
    ]);
  });

  it('takes an empty value', () => assert.equal(value('b ='), ''));

  it('takes off one pair of equal quotes', () => {
    assert.equal(value('b = " x "'), ' x ');
    assert.equal(value("b = 'x'"), 'x');
    assert.equal(value(`b = "'x'"`), "'x'");
    assert.equal(value(`b = "x'`), `"x'`);
    assert.equal(value('b = "x" y'), '"x" y');
    assert.equal(value('b = "'), '');
  });

  it('has no inline comments', () => {
    assert.equal(value('b = unique  # x'), 'unique  # x');
    assert.equal(value('b = x ; y'), 'x ; y');
  });

  it('gives % and $ no meaning', () => assert.equal(value('b = %(x)s $y'), '%(x)s $y'));

  it('keeps every value of a key that is set several times, in order', () => {
    assert.deepEqual(parsed('[a]\nb = 1\nb = 2\n[c]\nd = 3\n[a]\nb = 4'), [
      ['a', 'b', '1'],
      ['a', 'b', '2'],
      ['c', 'd', '3'],
      ['a', 'b', '4'],
    ]);
  });

  it('tells keys of different case apart', () => {
    assert.deepEqual(parsed('[a]\nKey = 1\nkey = 2'), [
      ['a', 'Key', '1'],
      ['a', 'key', '2'],
    ]);
  });

  it('knows the line of each key, whatever ends the lines', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const text = ['# c', '[a]', 'b = 1', ' 2', '', 'c = 3'].join(end);
      assert.deepEqual(
        parseIni(text, 'f').map(({ line, value }) => [line, value]),
        [
          [3, '1\n2'],
          [6, '3'],
        ],
      );
    }
  });
});

describe('parseIni: continuation', () => {
  it('joins indented lines with a newline, trimmed', () => {
    assert.equal(value('b = 1\n  2  \n\t3'), '1\n2\n3');
  });

  it('takes an indented comment as a part of the value', () => {
    assert.equal(value('b = 1\n  # 2'), '1\n# 2');
  });

  it('takes quotes off the first line only', () => {
    assert.equal(value('b = "1"\n  "2"'), '1\n"2"');
  });

  for (const [what, between] of [
    ['a blank line', ''],
    ['a line of spaces', '   '],
    ['a comment', '# x'],
    ['a section', '[c]'],
  ] as const) {
    it(`ends at ${what}`, () => {
      const [only, ...more] = problems(`[a]\nb = 1\n${between}\n  2`);
      assert.match(only ?? '', /^nova\.conf:4: a line that begins with a space continues the value above it/);
      assert.deepEqual(more, []);
    });
  }
});

describe('parseIni: sections', () => {
  it('compares names in lower case, but DEFAULT only as it is', () => {
    assert.deepEqual(parsed('[LibVirt]\na=1\n[DEFAULT]\na=2\n[default]\na=3\n[Default]\na=4'), [
      ['libvirt', 'a', '1'],
      ['DEFAULT', 'a', '2'],
      ['default', 'a', '3'],
      ['default', 'a', '4'],
    ]);
    assert.equal(parseIni('[LibVirt]\na=1', 'f')[0]?.sectionAsWritten, 'LibVirt');
  });

  it('ignores comments at the first column', () => {
    assert.deepEqual(parsed('# [x]\n; y = 1\n[a]\n#b=1\n;b=2\n'), []);
  });
});

describe('parseIni: what cannot be read', () => {
  for (const [text, message] of [
    ['[a', /^nova\.conf:1: "\[a" is not a section: it is written \[name\]/],
    ['[a] # x', /^nova\.conf:1: "\[a\] # x" is not a section/],
    ['[]', /^nova\.conf:1: '\[\]' has no name/],
    ['[a]\nword', /^nova\.conf:2: "word" has no '=': an option is written name = value/],
    ['[a]\n= 1', /^nova\.conf:2: "= 1" has no name before the '='/],
    ['[a]\n: 1', /^nova\.conf:2: ": 1" has no name before the ':'/],
    ['b = 1', /^nova\.conf:1: "b" stands before any section: write \[DEFAULT\]/],
    [' b = 1', /^nova\.conf:1: a line that begins with a space/],
  ] as const) {
    it(`${JSON.stringify(text)}`, () => {
      const [only, ...more] = problems(text);
      assert.match(only ?? '', message);
      assert.deepEqual(more, []);
    });
  }

  it('names every such line, not only the first', () => {
    const lines = problems('x = 1\n[a\nword\n[b]\n= 2\ny = 3').map((line) => line.split(':')[1]);
    assert.deepEqual(lines, ['1', '2', '3', '5']);
  });

  it('repeats no control characters', () => {
    assert.ok(problems('[a]\n\u001b[31mred').every((line) => !line.includes('\u001b')));
  });
});

/** Text made mostly of what has a meaning in the format. */
const nearlyIni = fc
  .array(
    fc.oneof(
      fc.constantFrom('[', ']', '=', ':', '#', ';', ' ', '\t', '\n', '\r', '"', "'", 'a', 'DEFAULT', '$'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

describe('parseIni: any text', () => {
  it('gives assignments or a ConfigError, one line a problem, nothing else', () => {
    fc.assert(
      fc.property(nearlyIni, (text) => {
        try {
          for (const { key, section, line } of parseIni(text, 'f')) {
            assert.ok(key !== '' && section !== '' && line > 0);
          }
        } catch (thrown) {
          assert.ok(thrown instanceof ConfigError);
          assert.equal(thrown.message.split('\n').length, thrown.problems.length);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('reads back what it is given', () => {
    const word = fc.stringMatching(/^[a-z][a-z_]{0,8}$/);
    const plain = fc.stringMatching(/^[A-Za-z0-9$%#;:=][A-Za-z0-9$%#;:= ]{0,12}[A-Za-z0-9]$/);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(word, word, fc.array(plain, { minLength: 1, maxLength: 3 }))),
        (wanted) => {
          const text = wanted
            .map(([section, key, lines]) => `[${section}]\n${key} = ${lines.join('\n  ')}`)
            .join('\n');
          assert.deepEqual(
            parsed(text),
            wanted.map(([section, key, lines]) => [section, key, lines.join('\n')]),
          );
        },
      ),
    );
  });
});
