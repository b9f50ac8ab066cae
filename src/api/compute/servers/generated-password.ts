import { randomBytes } from 'node:crypto';

/** Twelve characters, for clients that expect a password. No guest is told it: that needs an agent inside. */
export function generatedPassword(): string {
  return randomBytes(9).toString('base64url');
}
