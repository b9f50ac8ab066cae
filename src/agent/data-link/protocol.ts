import { constants } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { asFailure, Failure, type FailureKind } from '../../model/failure.ts';

/**
 * The link between two agents uses TLS 1.3 with one key for each offer (RFC 8446, external pre-shared keys
 * with (EC)DHE). The key authenticates both ends, so that no certificate is needed. The messages are:
 *
 *     destination   {"held": [names]}              files that the source need not send
 *     source        {"ok": true}, then the disks   or {"ok": false, "kind", "message", "operatorText"}
 *     destination   done                           when the disks are complete and synced
 */
export const LINK_TLS = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256', // OpenSSL supports external keys only with SHA-256
  secureOptions: constants.SSL_OP_NO_TICKET,
  allowHalfOpen: true,
} as const satisfies TlsOptions & ConnectionOptions & { allowHalfOpen: boolean };

/**
 * Milliseconds without a byte in either direction after which an end gives up. It is long, because the other
 * end may be syncing much data to its disk.
 */
export const SILENCE_MS = 5 * 60_000;

export const DONE = 'done';
const MAX_LINE_LENGTH = 64 * 1024;

/**
 * Reads a line and leaves the bytes after it unread.
 * @throws when the stream ends before, or the line is too long
 */
export async function readLine(stream: Duplex): Promise<string> {
  let text = Buffer.alloc(0);
  for (;;) {
    const chunk = (await nextChunk(stream)) as Buffer | null;
    if (chunk === null) throw new Error('the other end closed the connection');
    text = Buffer.concat([text, chunk]);
    const end = text.indexOf('\n');
    if (end >= 0) {
      if (end + 1 < text.length) stream.unshift(text.subarray(end + 1));
      return text.subarray(0, end).toString('utf8');
    }
    if (text.length > MAX_LINE_LENGTH) throw new Error('the other end does not speak this protocol');
  }
}

function nextChunk(stream: Duplex): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const read = () => {
      const chunk: unknown = stream.read();
      if (chunk !== null) settle(() => resolve(chunk));
      else if (stream.readableEnded) settle(() => resolve(null));
    };
    const ended = () => settle(() => resolve(null));
    const closed = () => settle(() => reject(stream.errored ?? new Error('the connection closed')));
    const settle = (how: () => void) => {
      stream.off('readable', read).off('end', ended).off('close', closed);
      how();
    };
    stream.on('readable', read).on('end', ended).on('close', closed);
    if (stream.destroyed) closed();
    else read();
  });
}

/** Parses the destination's first line. @throws when it is malformed */
export function parseRequest(line: string): readonly string[] {
  const { held } = JSON.parse(line) as { held?: unknown };
  if (Array.isArray(held) && held.every((name) => typeof name === 'string')) return held as string[];
  throw new Error('the other end does not list the files that it has');
}

/** The line with which the source refuses a request. */
export function refusal(error: unknown): string {
  const { kind, message, operatorText } = asFailure(error);
  return JSON.stringify({ ok: false, kind, message, operatorText });
}

/** The kinds of failure that the destination accepts from a source. Any other kind becomes `internal`. */
const REFUSALS: readonly FailureKind[] = [
  ...([
    'invalid',
    'not-found',
    'conflict',
    'unavailable',
    'out-of-space',
    'timed-out',
    'outcome-unknown',
    'internal',
  ] as const),
];

/** @throws {Failure} the source's failure, when it refuses */
export function parseAnswer(line: string): void {
  const answer = JSON.parse(line) as Readonly<Record<string, unknown>> | null;
  if (answer?.ok === true) return;
  const text = (value: unknown, otherwise: string) => (typeof value === 'string' ? value : otherwise);
  const kind = REFUSALS.find((one) => one === answer?.kind) ?? 'internal';
  throw new Failure(kind, text(answer?.message, 'The source host refuses.'), {
    operatorText: `the source host says: ${text(answer?.operatorText, line)}`,
  });
}
