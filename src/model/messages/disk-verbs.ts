import { Type } from '../schema.ts';
import { GUEST_PLAN, IMAGE_CONTENTS, IMAGE_SNAPSHOT, IMAGE_URLS } from './guest-plan.ts';
import { exactly, FILE_WORD, UUID } from './primitives.ts';
import type { VerbSchemas } from './verb.ts';

/** Commands about disk sets and cached images. */
export const DISK_VERBS: VerbSchemas<'create-disks' | 'cache-image' | 'delete-disks'> = {
  'create-disks': {
    ask: {
      plan: GUEST_PLAN,
      from: Type.Union([Type.Literal('image'), exactly<{ copyOf: string }>({ copyOf: FILE_WORD })]),
      images: IMAGE_URLS,
      contents: Type.Optional(IMAGE_CONTENTS),
    },
    reply: null,
  },
  'cache-image': {
    ask: { image: IMAGE_SNAPSHOT, images: IMAGE_URLS, contents: Type.Optional(IMAGE_CONTENTS) },
    reply: null,
  },
  'delete-disks': { ask: { server: UUID, set: FILE_WORD }, reply: null },
};
