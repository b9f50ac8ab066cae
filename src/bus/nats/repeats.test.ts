import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createRepeats } from './repeats.ts';

it('what lasts is told once a minute, and when it becomes another thing', () => {
  let now = 5;
  const tells = createRepeats(() => now);
  const after = (ms: number, what: string) => {
    now += ms;
    return tells(what);
  };
  assert.deepEqual(
    [after(0, 'refused'), after(2_000, 'refused'), after(57_999, 'refused'), after(1, 'refused')],
    [true, false, false, true],
  );
  assert.deepEqual([after(1, 'revoked'), after(1, 'revoked'), after(1, 'refused')], [true, false, true]);
});
