import { hash, randomBytes } from 'node:crypto';

const TOKEN_SHAPE = /^[A-Za-z0-9_-]{43}$/;

/** Generates a token: 256 random bits, URL-safe. */
export function newTokenText(): string {
  return randomBytes(32).toString('base64url');
}

/** The SHA-256 of a token, hex, as in the store. Undefined for a text that cannot be a token. */
export function hashOfToken(text: string): string | undefined {
  return TOKEN_SHAPE.test(text) ? hash('sha256', text, 'hex') : undefined;
}

/** Generates an audit id in Keystone's form: 128 random bits, URL-safe. */
export function newAuditId(): string {
  return randomBytes(16).toString('base64url');
}
