import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Failure } from '../model/failure.ts';
import type { HostName } from '../model/ids.ts';
import { tidyImages } from './tidy-images.ts';

describe('the search for unused images', () => {
  it('is made again and again, says what it removed, and goes on after one that failed', async () => {
    const outcomes = [['one', 'two'], new Failure('internal', 'a disk cannot be read'), [], ['three']];
    const lines: string[] = [];
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const stop = tidyImages({
      host: 'host1' as HostName,
      intervalMs: 1,
      log: (event, fields) => void lines.push(`${event}: ${fields?.removed ?? fields?.why}`),
      driver: {
        async removeUnusedImages() {
          const outcome = outcomes.shift();
          if (outcomes.length === 0) resolve();
          if (outcome instanceof Failure) throw outcome;
          return outcome ?? [];
        },
      },
    });
    const alive = setInterval(() => undefined, 1000); // the search itself keeps no process alive
    await over;
    await stop();
    clearInterval(alive);
    assert.deepEqual(lines, [
      'images-removed: one,two',
      'image-removal-failed: a disk cannot be read',
      'images-removed: three',
    ]);
  });

  it('is over when it was ended, and made no more', async () => {
    let made = 0;
    const stop = tidyImages({
      ...{ host: 'host1' as HostName, intervalMs: 60_000, log: () => undefined },
      driver: { removeUnusedImages: async () => [`${made++}`] },
    });
    await stop();
    assert.equal(made, 0);
  });
});
