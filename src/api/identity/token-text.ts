import { hash, randomBytes } from 'node:crypto';

const TOKEN_SHAPE = /^[A-Za-z0-9_-]{43}$/;

/** A new token: 256 random bits, URL-safe. */
export function newTokenText(): string {
  return randomBytes(32).toString('base64url');
}

/** What the store keeps of a token: its SHA-256, hex. Undefined for a text that no token of ours can be. */
export function hashOfToken(text: string): string | undefined {
  return TOKEN_SHAPE.test(text) ? hash('sha256', text, 'hex') : undefined;
}

/** An audit id as Keystone makes them: 128 random bits, URL-safe. */
export function newAuditId(): string {
  return randomBytes(16).toString('base64url');
}
