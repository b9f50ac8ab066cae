/** Matches URLs that may not be in normal form: they have a doubled slash or an escape. */
const UNUSUAL = /\/\/|%/;
/** Matches a percent sign that begins no escape. It is literal, as in Python's `unquote`. */
const STRAY_PERCENT = /%(?![0-9a-f]{2})/gi;
const ESCAPE = /%[0-9a-f]{2}/gi;
const UNRESERVED = /[A-Za-z0-9\-._~]/;

/**
 * Normalizes a URL for routing. In its path, doubled slashes become one (paste/urlmap.py normalize_url), and
 * escapes of unreserved characters are decoded (RFC 3986, 6.2.2.2). Dot segments, escaped slashes, a slash
 * at the end and the query stay unchanged.
 * @param raw ASCII: Node's parser refuses every other byte
 * @returns undefined if the URL is not UTF-8, or its query has U+0000, which databases cannot store
 */
export function normalUrl(raw: string): string | undefined {
  if (!UNUSUAL.test(raw)) return raw;
  const escaped = raw.replace(STRAY_PERCENT, '%25');
  const end = escaped.indexOf('?');
  const path = end === -1 ? escaped : escaped.slice(0, end);
  const query = end === -1 ? '' : escaped.slice(end);
  if (!isUtf8(path) || !isUtf8(query) || query.includes('%00')) return undefined;
  return path.replace(ESCAPE, unreserved).replace(/\/{2,}/g, '/') + query;
}

function unreserved(escaped: string): string {
  const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  return UNRESERVED.test(character) ? character : escaped;
}

function isUtf8(escaped: string): boolean {
  try {
    decodeURIComponent(escaped);
    return true;
  } catch {
    return false;
  }
}
