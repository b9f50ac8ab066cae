import { constants } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { asFailure, Failure, type FailureKind } from '../../model/failure.ts';

/**
 * The link between two agents, over TLS 1.3 with a key of its own for each offer, so that both ends are
 * authenticated by it and no certificate is needed (RFC 8446, external pre-shared keys with (EC)DHE). On it:
 *
 *     destination   {"held": [names]}              what is not to be sent
 *     source        {"ok": true}, then the disks   or {"ok": false, "kind", "message", "operatorText"}
 *     destination   done                           when they are whole and on its disk
 */
export const LINK_TLS = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256', // OpenSSL has external keys with SHA-256 only
  secureOptions: constants.SSL_OP_NO_TICKET,
  allowHalfOpen: true,
} as const satisfies TlsOptions & ConnectionOptions & { allowHalfOpen: boolean };

/**
 * Milliseconds without a byte in either direction after which an end gives up; the other one may be making
 * much durable in between.
 */
export const SILENCE_MS = 5 * 60_000;

export const DONE = 'done';
const MAX_LINE_LENGTH = 64 * 1024;

/** Reads a line and leaves what follows it. @throws when the stream ends before, or the line is too long */
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

/** The destination's first line. @throws when it is none */
export function parseRequest(line: string): readonly string[] {
  const { held } = JSON.parse(line) as { held?: unknown };
  if (Array.isArray(held) && held.every((name) => typeof name === 'string')) return held as string[];
  throw new Error('the other end does not say what it holds');
}

/** What the source says instead of the disks. */
export function refusal(error: unknown): string {
  const { kind, message, operatorText } = asFailure(error);
  return JSON.stringify({ ok: false, kind, message, operatorText });
}

/** What a source may refuse with; another host does not make this one say anything else. */
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

/** @throws {Failure} the source's, when it refuses */
export function parseAnswer(line: string): void {
  const answer = JSON.parse(line) as Readonly<Record<string, unknown>> | null;
  if (answer?.ok === true) return;
  const text = (value: unknown, otherwise: string) => (typeof value === 'string' ? value : otherwise);
  const kind = REFUSALS.find((one) => one === answer?.kind) ?? 'internal';
  throw new Failure(kind, text(answer?.message, 'The source host refuses.'), {
    operatorText: `the source host says: ${text(answer?.operatorText, line)}`,
  });
}
