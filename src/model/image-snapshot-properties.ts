import { knownImageProperties } from './image-property.ts';

/** UTF-8 bytes of a value in a server's copy (nova/utils.py get_system_metadata_from_image). */
const MAX_BYTES = 255;

const actedOn = new Set(knownImageProperties.flatMap(({ name, olderName }) => [name, olderName]));
/**
 * A command line is useless when cut, so it may exceed Nova's limit. `image-property.ts` has its own limit.
 */
const COPIED_WHOLE = 'os_command_line';

/**
 * A server's copy of its image's properties, whose values have been checked. Long values are cut as in Nova,
 * but between two characters. Properties with an effect in Nameplate are trimmed first, so that a cut value
 * keeps its meaning. A property that is null is not copied.
 */
export function snapshotProperties(
  properties: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const copied = Object.entries(properties).flatMap(([key, value]) =>
    value === null ? [] : [[key, copyOf(key, value)] as const],
  );
  return Object.fromEntries(copied);
}

function copyOf(key: string, value: string): string {
  if (key === COPIED_WHOLE || new TextEncoder().encode(value).length <= MAX_BYTES) return value;
  const bytes = new TextEncoder().encode(actedOn.has(key) ? value.trim() : value);
  // In stream mode the decoder keeps back an incomplete character at the end.
  return new TextDecoder().decode(bytes.subarray(0, MAX_BYTES), { stream: true });
}
