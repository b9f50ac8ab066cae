/**
 * Characters of a reference: scheme, host, the service's prefix, and an id of 255 characters, each escaped.
 */
export const MAX_REFERENCE_LENGTH = 2048;

/**
 * The id that a reference names: of a link, as our own answers have them, its last segment
 * (nova/api/openstack/common.py get_id_from_href); of anything else all of it.
 */
export function idInReference(reference: string | number): string {
  const text = String(reference);
  if (!text.includes('/')) return text;
  const end = text.search(/[?#]/);
  const path = end === -1 ? text : text.slice(0, end);
  const segment = path.slice(path.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
