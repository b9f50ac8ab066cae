import type { Token } from '../../model/identity.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import type { Proven } from './credentials.ts';
import { type ProjectScope, subjectOf, type TokenSubject } from './token-subject.ts';
import { hashOfToken, newAuditId, newTokenText } from './token-text.ts';

/**
 * Creates a token and stores its hash; only the client gets its text. The transaction checks again that
 * everything behind the authentication still holds: the password, the presented tokens, and that user,
 * domains, project and role are enabled.
 * @returns undefined if one of them has ended meanwhile
 */
export async function issueToken(
  parts: Pick<ApiDependencies, 'store' | 'now' | 'config' | 'tokenClearing'>,
  proven: Proven,
  scope: ProjectScope | null,
): Promise<{ text: string; subject: TokenSubject } | undefined> {
  const text = newTokenText();
  const hash = hashOfToken(text);
  if (hash === undefined) return undefined;
  const now = parts.now();
  const token: Token = {
    hash,
    userId: proven.user.id,
    projectId: scope?.project.id ?? null,
    methods: [...new Set(proven.methods)],
    auditIds: [newAuditId(), ...proven.parents.slice(0, 1)],
    issuedAt: now,
    expiresAt: Math.min(now + parts.config.identity.token_expiration * 1000, proven.notAfter),
  };
  const subject = await parts.store.transaction(async (tx) => {
    if (!(await stillProven(tx, proven))) return undefined;
    const found = await subjectOf(tx, token, now);
    if (found !== undefined) await tx.tokens.insert(token);
    return found;
  });
  await parts.tokenClearing.clear();
  return subject && { text, subject };
}

/** Whether the user's password and the presented tokens are still the same. */
async function stillProven(tx: Queries, { user, shown }: Proven): Promise<boolean> {
  const now = await tx.identity.users.find(user.id);
  if (now?.passwordHash !== user.passwordHash) return false;
  for (const hash of shown) if ((await tx.tokens.find(hash)) === undefined) return false;
  return true;
}
