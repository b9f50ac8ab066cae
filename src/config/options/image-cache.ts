import { type OptionGroup, option } from '../option.ts';
import { text } from '../types.ts';

/** `[image_cache]`: nova/conf/imagecache.py. */
export const imageCacheGroup = {
  help: 'Base images kept on a compute host, so that the second server of an image starts at once.',
  options: {
    subdirectory_name: option({
      type: text({
        pattern: /^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/,
        accepts: "the name of one folder: letters, digits, '.', '_' and '-', not beginning with '.' or '-'",
      }),
      default: '_base',
      help: 'Folder of the base images, under `[DEFAULT] instances_path`.',
    }),
  },
} as const satisfies OptionGroup;
