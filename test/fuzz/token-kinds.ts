import fc from 'fast-check';
import type { Access } from '../../src/api/http/route.ts';

/**
 * Every kind of token that a request can carry. `victim` is not among them: nobody else may see or change
 * what is its own.
 */
export const TOKEN_KINDS = [
  'none',
  'garbage',
  'long',
  'revoked',
  'unscoped',
  'disabled',
  'reader',
  'member',
  'stranger',
  'admin',
] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];

/** A member of the cloud's other project has as many rights as one of the first, and less that is its own. */
const OPENS: Readonly<Record<Access, readonly TokenKind[]>> = {
  anybody: ['none', 'member'],
  token: ['member', 'stranger', 'admin', 'unscoped'],
  reader: ['reader', 'member', 'stranger', 'admin'],
  member: ['member', 'member', 'stranger', 'admin'],
  admin: ['admin'],
};

/** Any kind of token, but twice as often one that gets past the first check of the route. */
export function tokenFor(access: Access): fc.Arbitrary<TokenKind> {
  return fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...OPENS[access]) },
    { weight: 1, arbitrary: fc.constantFrom(...TOKEN_KINDS) },
  );
}
