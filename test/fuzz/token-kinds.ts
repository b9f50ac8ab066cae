import fc from 'fast-check';

/** Every kind of token that a request can carry. `victim` is not among them: nobody else may see or change what is its own. */
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

/** Tokens that open more are more often taken: what they reach is deeper. */
const WEIGHTS: Readonly<Record<TokenKind, number>> = {
  ...{ none: 1, garbage: 1, long: 1, revoked: 1, disabled: 1, unscoped: 2 },
  ...{ reader: 3, stranger: 5, member: 14, admin: 14 },
};

export const tokenKind: fc.Arbitrary<TokenKind> = fc.oneof(
  ...TOKEN_KINDS.map((kind) => ({ weight: WEIGHTS[kind], arbitrary: fc.constant(kind) })),
);
