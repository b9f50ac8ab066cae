/**
 * The bytes of a Range header, both ends included; `none` to send everything, `unsatisfiable` for a range
 * past the end.
 */
export type ByteRange = { readonly start: number; readonly end: number } | 'none' | 'unsatisfiable';

/**
 * Parses a Range header with one range (RFC 9110, 14.2). Other units, several ranges and malformed headers
 * are ignored.
 */
export function parseByteRange(header: string | undefined, size: number): ByteRange {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (match === null || (first === '' && last === '')) return 'none';
  if (first === '') {
    const start = Math.max(0, size - Number(last));
    return start < size ? { start, end: size - 1 } : 'unsatisfiable';
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return 'none';
  return start < size ? { start, end } : 'unsatisfiable';
}
