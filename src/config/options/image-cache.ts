import { type OptionGroup, option } from '../option.ts';
import { boolean, integer, text } from '../types.ts';
import { MAX_TIMEOUT_SECONDS } from './limits.ts';

/** Ten years. */
const MAX_AGE_SECONDS = 10 * 366 * 24 * 60 * 60;

/** `[image_cache]`: nova/conf/imagecache.py imagecache_opts. */
export const imageCacheGroup = {
  help: 'Base images that a compute host keeps, so that the second server of an image starts at once.',
  options: {
    subdirectory_name: option({
      type: text({
        pattern: /^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/,
        accepts: "the name of one folder: letters, digits, '.', '_' and '-', not beginning with '.' or '-'",
      }),
      default: '_base',
      help: 'Folder of the base images, relative to `[DEFAULT] instances_path`.',
    }),
    remove_unused_base_images: option({
      type: boolean(),
      default: 'true',
      help: 'Whether to remove images that no disk of the host uses as its base.',
    }),
    remove_unused_original_minimum_age_seconds: option({
      type: integer({ min: 0, max: MAX_AGE_SECONDS }),
      default: '86400',
      unit: 'seconds',
      help: 'How long an image must be unused before it is removed. Hosts that share their instances need more than the longest time that a move of disks to one of them takes.',
    }),
    manager_interval: option({
      type: integer({ min: -1, max: MAX_TIMEOUT_SECONDS }),
      default: '2400',
      unit: 'seconds',
      help: 'Interval between searches for unused images. 0 means once a minute, as in Nova; -1 means never.',
    }),
  },
} as const satisfies OptionGroup;
