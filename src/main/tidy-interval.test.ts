import assert from 'node:assert/strict';
import { it } from 'node:test';
import { tidyIntervalOf } from './tidy-interval.ts';

it('unused images are searched for every manager_interval, once a minute where that is 0, and never where it is off', () => {
  const interval = (isOn: boolean, seconds: number) =>
    tidyIntervalOf({
      image_cache: {
        subdirectory_name: '_base',
        remove_unused_base_images: isOn,
        remove_unused_original_minimum_age_seconds: 86_400,
        manager_interval: seconds,
      },
    });
  assert.equal(interval(true, 2400), 2_400_000);
  assert.equal(interval(true, 0), 60_000);
  assert.equal(interval(true, -1), null);
  assert.equal(interval(false, 2400), null);
});
