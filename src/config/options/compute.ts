import { type OptionGroup, option } from '../option.ts';
import { choice, list } from '../types.ts';

/** `[compute]`: nova/conf/compute.py compute_group_opts. */
export const computeGroup = {
  help: 'What a compute host accepts.',
  options: {
    vmdk_allowed_types: option({
      type: list(
        choice({
          streamOptimized: 'one file, compressed',
          monolithicSparse: 'one file, growing',
          monolithicFlat: 'a descriptor that names a data file: unsafe from a stranger',
          twoGbMaxExtentSparse: 'a descriptor that names data files: unsafe from a stranger',
          twoGbMaxExtentFlat: 'a descriptor that names data files: unsafe from a stranger',
        }),
      ),
      default: 'streamOptimized, monolithicSparse',
      help: 'The accepted kinds of VMDK images. An empty value accepts none.',
    }),
  },
} as const satisfies OptionGroup;
