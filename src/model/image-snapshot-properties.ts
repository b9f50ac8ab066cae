import { knownImageProperties } from './image-property.ts';

/** Bytes, as UTF-8, that a server's copy keeps of a value (nova/utils.py get_system_metadata_from_image). */
const MAX_BYTES = 255;

const actedOn = new Set(knownImageProperties.flatMap(({ name, olderName }) => [name, olderName]));
/** Longer than Nova's bound, and of no use without its end. Its own bound is in the table of properties. */
const COPIED_WHOLE = 'os_command_line';

/**
 * A server's copy of its image's properties, whose values have been checked. Long values are cut as in Nova,
 * between two characters. Those that Nameplate acts on first lose the spaces around them: a value must not
 * say something else when it has been cut. A property that is null says nothing, and is not copied.
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
  // A decoder that waits for more gives no character that is not whole.
  return new TextDecoder().decode(bytes.subarray(0, MAX_BYTES), { stream: true });
}
