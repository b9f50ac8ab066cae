import { randomBytes } from 'node:crypto';

/**
 * Twelve random characters, for clients that expect a password. The guest never gets it: that would need an
 * agent inside.
 */
export function generatedPassword(): string {
  return randomBytes(9).toString('base64url');
}
