import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Failure } from '../../model/failure.ts';
import { isDeeperThan } from './json-depth.ts';

/** How deep lists and objects may be nested. No body of the APIs has more than nine. */
const DEEPEST_JSON = 32;

/** Parses a body's bytes and hands on what it says, or why it says nothing. */
export type JsonParser = (
  request: FastifyRequest,
  bytes: Buffer,
  done: (error: Error | null, body?: unknown) => void,
) => void;

/**
 * A strict parser of JSON bodies: UTF-8 without a byte order mark, no lone surrogate and no U+0000 in any
 * text, since no store keeps those, and no key that changes an object's prototype. Of a key that stands twice
 * the last is taken, as by Python's json. An empty body is none: clients send `Content-Type:
 * application/json` without one.
 */
export function jsonParser(app: FastifyInstance): JsonParser {
  const parse = app.getDefaultJsonParser('error', 'error');
  return (request, bytes, done) => {
    if (bytes.length === 0) return done(null, undefined);
    if (!isUtf8(bytes)) return done(malformed('it is not UTF-8'));
    const text = bytes.toString();
    if (text.startsWith('\uFEFF')) return done(malformed('it begins with a byte order mark'));
    if (isDeeperThan(text, DEEPEST_JSON))
      return done(malformed(`its lists and objects are nested deeper than ${DEEPEST_JSON}`));
    void parse(request, text, (error, body) => {
      if (error !== null) return done(malformed());
      // UTF-8 has neither of the two but by an escape.
      const fault = text.includes('\\u') ? faultIn(body) : undefined;
      return fault === undefined ? done(null, body) : done(malformed(fault));
    });
  };
}

/** Looks through all keys and values, however deep. */
function faultIn(body: unknown): string | undefined {
  const open: unknown[] = [body];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') {
      if (!value.isWellFormed()) return 'a text in it has half of a surrogate pair';
      if (value.includes('\0')) return 'a text in it has the character U+0000';
    } else if (Array.isArray(value)) for (const item of value) open.push(item);
    else if (value !== null && typeof value === 'object')
      for (const [key, item] of Object.entries(value)) open.push(key, item);
  }
  return undefined;
}

/**
 * Nova's words (nova/api/openstack/wsgi.py Resource._process_stack), and the reason where there is more to
 * say than that it is no JSON.
 */
function malformed(why?: string): Failure {
  return new Failure(
    'invalid',
    why === undefined ? 'Malformed request body' : `Malformed request body: ${why}.`,
  );
}
