import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { option, optionalOption } from './option.ts';
import { renderReference } from './reference.ts';
import { choice, databaseAddress, integer, text } from './types.ts';

/** The part of the page about some declarations, without the introduction. */
function rendered(options: Parameters<typeof renderReference>[0]): string {
  const page = renderReference(options);
  return page.slice(page.indexOf('## [a]'));
}

describe('renderReference', () => {
  it('says all that is declared of an option', () => {
    const waits = option({
      type: integer({ min: 1, max: 9 }),
      default: '3',
      unit: 'seconds',
      help: 'Waits.',
    });
    assert.equal(
      rendered({ a: { help: 'First.', options: { waits } } }),
      `## [a]

First.

### \`waits\`

Waits.

- Type: integer; accepted is a whole number from 1 up to 9
- Default: \`3\`
- Unit: seconds
`,
    );
  });

  it('explains each choice', () => {
    const type = choice({ on: 'it is on', off: 'it is not' });
    const page = rendered({ a: { help: 'A.', options: { b: option({ type, default: 'on', help: 'B.' }) } } });
    assert.ok(
      page.includes('accepted is one of on, off:\n  - `on`: it is on\n  - `off`: it is not\n- Default: `on`'),
    );
  });

  it('describes a default that depends on the machine, an empty one and none', () => {
    const computed = { compute: () => 'secret-host', described: 'the host' };
    const page = rendered({
      a: {
        help: 'A.',
        options: {
          b: option({ type: text(), default: computed, help: 'B.' }),
          c: option({ type: text(), default: '', help: 'C.' }),
          d: optionalOption({ type: text(), help: 'D.' }),
        },
      },
    });
    assert.deepEqual(page.match(/(?<=- Default: ).*/g), ['the host', 'empty', 'unset']);
    assert.ok(!page.includes('secret-host'));
  });

  it('says whose an option is, and that it is a secret', () => {
    const b = option({
      type: databaseAddress(),
      default: 'sqlite://',
      from: 'oslo.db',
      secret: true,
      help: 'B.',
    });
    assert.match(rendered({ a: { help: 'A.', options: { b } } }), /oslo\.db's own\n- Never shown/);
  });
});
