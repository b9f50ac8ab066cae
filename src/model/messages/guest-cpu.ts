import type { GuestCpu, HostCpu, RecordedCpu } from '../guest-cpu.ts';
import { Type } from '../schema.ts';
import { atLeast, dictionary, line, list, nullable, oneOf } from './primitives.ts';

const WORD = line(64);
/** Names of features: libvirt knows some hundreds. */
const FEATURES = nullable(list(WORD, 2_000));

export const GUEST_CPU = atLeast<GuestCpu>({
  mode: oneOf(['custom', 'host-passthrough', 'maximum']),
  model: nullable(WORD),
  vendor: nullable(WORD),
  features: dictionary(WORD, { most: 2_000, longestKey: 64 }),
  all: FEATURES,
});

export const RECORDED_CPU = atLeast<RecordedCpu>({
  configured: nullable(line(128)),
  held: Type.Boolean(),
  started: nullable(GUEST_CPU),
});

export const HOST_CPU = atLeast<HostCpu>({
  holds: Type.Boolean(),
  configured: line(128),
  model: nullable(WORD),
  vendor: nullable(WORD),
  features: FEATURES,
});
