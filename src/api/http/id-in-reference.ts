/** Characters of a reference: scheme, host, the service's prefix and an escaped id of 255 characters. */
export const MAX_REFERENCE_LENGTH = 2048;

/**
 * The id in a reference. Of a link it is the last segment (nova/api/openstack/common.py get_id_from_href);
 * any other reference is the id itself.
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
