/**
 * The bytes that a Range header asks for, both ends included; `none` to send all, `unsatisfiable` when it
 * asks past the end.
 */
export type ByteRange = { readonly start: number; readonly end: number } | 'none' | 'unsatisfiable';

/**
 * Reads a Range header of one range (RFC 9110, 14.2). Other units, several ranges and what cannot be read are
 * as no header.
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
