// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders are what is tested
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type OptionGroups, option, optionalOption } from './option.ts';
import { substituted } from './substitution.ts';
import { text } from './types.ts';

const any = { type: text(), help: 'Any.' };
const groups: OptionGroups = {
  DEFAULT: {
    help: 'One.',
    options: {
      host: option({ ...any, default: 'h' }),
      both: option({ ...any, default: 'outer' }),
      unset: optionalOption(any),
      literal: option({ ...any, default: '' }),
      chain: option({ ...any, default: '' }),
      circle: option({ ...any, default: '' }),
    },
  },
  a: {
    help: 'Two.',
    options: { both: option({ ...any, default: 'inner' }), asked: option({ ...any, default: '' }) },
  },
};

/** What `[a] asked`, written so, becomes. */
function filled(asked: string): string {
  const values = {
    'DEFAULT.host': 'h',
    'DEFAULT.both': 'outer',
    'a.both': 'inner',
    'DEFAULT.chain': '<$host$both>',
  };
  const written = new Map(
    Object.entries({ ...values, 'DEFAULT.circle': '$circle', 'a.asked': asked }).map(([key, text]) => [
      key,
      { text, where: 'here', literal: false },
    ]),
  );
  written.set('DEFAULT.literal', { text: '$host', where: 'here', literal: true });
  const result = substituted({ group: 'a', option: 'asked' }, { groups, written });
  assert.ok(result !== undefined);
  return 'value' in result ? result.value : `refused: ${result.refused}`;
}

describe('substituted', () => {
  for (const [what, examples] of Object.entries({
    'fills in $name, ${name} and ${section.name}': [
      ['x-$host-y', 'x-h-y'],
      ['${host}.y', 'h.y'],
      ['${host}y', 'hy'],
      ['${DEFAULT.host}', 'h'],
      ['$DEFAULT.both', 'outer'],
      ['$host$host', 'hh'],
      ['${host', '${host'],
    ],
    'looks in the same section first, then in DEFAULT': [['$both ${DEFAULT.both} $host', 'inner outer h']],
    'fills in a value in the section where that value stands': [['$chain', '<houter>']],
    'takes $$ and \\$ as a plain $, and fills in nothing behind it': [
      ['$$host', '$host'],
      ['\\$host', '$host'],
      ['$$$host', '$h'],
      ['a\\b', 'a\\b'],
    ],
    'leaves a $ before anything else': [
      ['$1 $', '$1 $'],
      ['${} $-', '${} $-'],
    ],
    'puts nothing for an unset option': [['[$unset]', '[]']],
    'puts in what the machine gave as it is': [['$literal', '$host']],
  } as Record<string, [string, string][]>)) {
    it(what, () => {
      for (const [written, expected] of examples) assert.equal(filled(written), expected, written);
    });
  }

  it('refuses a name that is no option; a bare name takes the dots behind it', () => {
    for (const name of ['$nowhere', '$host.conf', '${a.host}', '${b.host}', '$constructor', '$a', '$HOST']) {
      const bare = name.replaceAll(/[{}]/g, '');
      assert.ok(
        filled(name).startsWith(`refused: ${bare} is not the name of an option; accepted is $name, `),
        filled(name),
      );
    }
  });

  it('refuses a circle', () => {
    assert.equal(filled('$circle'), 'refused: $circle leads back to itself');
    assert.equal(filled('$asked'), 'refused: $a.asked leads back to itself');
  });
});
