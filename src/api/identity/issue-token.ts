import type { Token } from '../../model/identity.ts';
import type { Queries } from '../../store/promise/store.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import type { Proven } from './credentials.ts';
import { type ProjectScope, subjectOf, type TokenSubject } from './token-subject.ts';
import { hashOfToken, newAuditId, newTokenText } from './token-text.ts';

/**
 * Makes a token and stores its hash; the text is in nobody's hand but the client's. In the transaction that
 * stores it, all that proved it must still hold: the password, the tokens shown, and that user, domains,
 * project and role are in use.
 * @returns undefined where one of them ended meanwhile
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

/** Whether the user's password and the tokens that were shown are still the ones that were looked at. */
async function stillProven(tx: Queries, { user, shown }: Proven): Promise<boolean> {
  const now = await tx.identity.users.find(user.id);
  if (now?.passwordHash !== user.passwordHash) return false;
  for (const hash of shown) if ((await tx.tokens.find(hash)) === undefined) return false;
  return true;
}
