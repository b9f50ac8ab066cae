import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Failure } from '../../model/failure.ts';
import { isDeeperThan } from './json-depth.ts';

/** Maximum nesting of lists and objects. No body of the APIs has more than nine levels. */
const MAX_DEPTH = 32;

/** Parses the bytes of a body, and passes on its value or the reason why it is malformed. */
export type JsonParser = (
  request: FastifyRequest,
  bytes: Buffer,
  done: (error: Error | null, body?: unknown) => void,
) => void;

/**
 * A strict parser of JSON bodies. It refuses a byte order mark, lone surrogates and U+0000, which databases
 * cannot store, and keys that change an object's prototype. Of duplicate keys the last one wins, as in
 * Python's json. An empty body counts as none: clients send `Content-Type: application/json` without one.
 */
export function jsonParser(app: FastifyInstance): JsonParser {
  const parse = app.getDefaultJsonParser('error', 'error');
  return (request, bytes, done) => {
    if (bytes.length === 0) return done(null, undefined);
    if (!isUtf8(bytes)) return done(malformed('it is not UTF-8'));
    const text = bytes.toString();
    if (text.startsWith('\uFEFF')) return done(malformed('it begins with a byte order mark'));
    if (isDeeperThan(text, MAX_DEPTH))
      return done(malformed(`its lists and objects are nested deeper than ${MAX_DEPTH}`));
    void parse(request, text, (error, body) => {
      if (error !== null) return done(malformed());
      // UTF-8 text can hold a lone surrogate or U+0000 only as an escape.
      const fault = text.includes('\\u') ? faultIn(body) : undefined;
      return fault === undefined ? done(null, body) : done(malformed(fault));
    });
  };
}

/** Searches all keys and values at any depth. */
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
 * Nova's text (nova/api/openstack/wsgi.py Resource._process_stack), with the reason unless the body is
 * simply not JSON.
 */
function malformed(why?: string): Failure {
  return new Failure(
    'invalid',
    why === undefined ? 'Malformed request body' : `Malformed request body: ${why}.`,
  );
}
