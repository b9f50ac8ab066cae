import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tableOf } from './figure.ts';
import { orUnmeasured } from './or-unmeasured.ts';

describe('a table of a bench', () => {
  it('keeps what was measured, and says which line could not be', async () => {
    const before = process.exitCode;
    const figures = [
      ...(await orUnmeasured('show', async () => [{ name: 'show, p50', value: 2, unit: 'ms' }])),
      ...(await orUnmeasured('beside python3-libvirt', async () => {
        throw new Error(
          "Command failed: python3\nModuleNotFoundError: No module named 'libvirt'\n\nNode.js v26.10.0",
        );
      })),
    ];
    assert.equal(process.exitCode, 1);
    process.exitCode = before;
    const [, , show, python] = tableOf(figures, [{ name: 'show, p50', value: Number.NaN, unit: 'ms' }]).split(
      '\n',
    );
    assert.match(show ?? '', /^show, p50 +2\.00 ms +not measured +—$/);
    assert.match(python ?? '', /^beside python3-libvirt +not measured +ModuleNotFoundError: No module named/);
  });
});
