import type { Config } from '../config/declared.ts';

/** The interval for `[image_cache] manager_interval = 0`, as for Nova's periodic tasks. Seconds. */
const DEFAULT_INTERVAL = 60;

/** Milliseconds between two removals of unused images; null: unused images are kept. */
export function tidyIntervalOf({ image_cache }: Pick<Config, 'image_cache'>): number | null {
  const { remove_unused_base_images: isOn, manager_interval: seconds } = image_cache;
  if (!isOn || seconds < 0) return null;
  return (seconds === 0 ? DEFAULT_INTERVAL : seconds) * 1000;
}
