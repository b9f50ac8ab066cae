import type { DiskOffer } from '../command.ts';
import type { LiveProgress } from '../migration.ts';
import { Type } from '../schema.ts';
import { GUEST_PLAN, IMAGE_CONTENTS, IMAGE_SNAPSHOT, IMAGE_URLS } from './guest-plan.ts';
import { ADDRESS, atLeast, count, FILE_WORD, line, nullable, oneOf, UUID } from './primitives.ts';
import type { VerbSchemas } from './verb.ts';

const LIVE_PROGRESS = atLeast<LiveProgress>({
  memoryTotal: count(),
  memoryProcessed: count(),
  memoryRemaining: count(),
  diskTotal: count(),
  diskProcessed: count(),
  diskRemaining: count(),
});

const DISK_OFFER = atLeast<DiskOffer>({
  address: ADDRESS,
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  identity: line(255),
  key: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});

const MARK = { server: UUID, mark: FILE_WORD };
const HOW = oneOf(['shared', 'copied']);

/** Commands that move guests and their disks between hosts. */
export const MOVE_VERBS: VerbSchemas<
  | ('offer-disks' | 'fetch-disks' | 'mark-disks' | 'sees-mark' | 'remove-mark')
  | ('prepare-live' | 'migrate-live' | 'live-progress' | 'abort-live' | 'force-live')
> = {
  'offer-disks': {
    feature: 'move-disks',
    ask: {
      ...{ server: UUID, set: FILE_WORD, purpose: oneOf(['move', 'live']) },
      image: Type.Optional(IMAGE_SNAPSHOT),
    },
    reply: DISK_OFFER,
  },
  'fetch-disks': {
    feature: 'move-disks',
    ask: {
      plan: GUEST_PLAN,
      offer: DISK_OFFER,
      contents: Type.Optional(IMAGE_CONTENTS),
      images: Type.Optional(IMAGE_URLS),
    },
    reply: null,
  },
  'mark-disks': { ask: MARK, reply: null },
  'sees-mark': { ask: MARK, reply: Type.Boolean() },
  'remove-mark': { ask: MARK, reply: null },
  'prepare-live': { feature: 'live-migration', ask: { plan: GUEST_PLAN, disks: HOW }, reply: ADDRESS },
  'migrate-live': {
    feature: 'live-migration',
    ask: { server: UUID, destination: ADDRESS, disks: HOW },
    reply: null,
  },
  'live-progress': { feature: 'live-migration', ask: { server: UUID }, reply: nullable(LIVE_PROGRESS) },
  'abort-live': { feature: 'live-migration', ask: { server: UUID }, reply: null },
  'force-live': { feature: 'live-migration', ask: { server: UUID }, reply: null },
};
