/** One answer, as much of it as a load needs to know. */
export interface RawAnswer {
  readonly status: number;
  readonly bytes: number;
  readonly body: string;
}

/** What the bytes read so far are: an answer and how many bytes it takes up, or not one yet. */
type Reading = { readonly answer: RawAnswer; readonly taken: number } | undefined;

const LENGTH = /\r\ncontent-length: *(\d+)/i;
const CHUNKED = /\r\ntransfer-encoding: *chunked/i;

/**
 * The first HTTP/1.1 answer in what was read: its end is told by a Content-Length, by chunks, or, without
 * either, by the end of the connection (RFC 9112 section 6.3).
 * @param of.ended whether the server closed the connection
 */
export function answerIn(read: Buffer, of: { readonly keepBody: boolean; readonly ended: boolean }): Reading {
  const headEnd = read.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const head = read.toString('latin1', 0, headEnd);
  const status = Number(head.slice(9, 12));
  const from = headEnd + 4;
  const length = status === 204 || status === 304 ? '0' : LENGTH.exec(head)?.[1];
  if (length === undefined && CHUNKED.test(head)) return chunked(read, { status, from });
  if (length === undefined && !of.ended) return undefined;
  const taken = length === undefined ? read.length : from + Number(length);
  if (read.length < taken) return undefined;
  return {
    answer: { status, bytes: taken, body: of.keepBody ? read.toString('utf8', from, taken) : '' },
    taken,
  };
}

/** Bodies here are short: their chunks are put together whether they are kept or not. */
function chunked(read: Buffer, { status, from }: { status: number; from: number }): Reading {
  const parts: Buffer[] = [];
  for (let at = from; ; ) {
    const lineEnd = read.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(read.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (Number.isNaN(size)) throw new Error('an answer with a chunk of no size');
    if (read.length < next) return undefined;
    if (size === 0)
      return { answer: { status, bytes: next, body: Buffer.concat(parts).toString() }, taken: next };
    parts.push(read.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = next;
  }
}
