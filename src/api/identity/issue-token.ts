import type { Token } from '../../model/identity.ts';
import type { Store } from '../../store/store.ts';
import type { ApiParts } from '../parts.ts';
import type { Proven } from './credentials.ts';
import type { ProjectScope, TokenSubject } from './token-subject.ts';
import { hashOfToken, newAuditId, newTokenText } from './token-text.ts';

/** Milliseconds between two clearings of expired tokens. */
const CLEARING_MS = 60_000;
const lastCleared = new WeakMap<Store, number>();

/** Makes a token and stores its hash; the text is in nobody's hand but the client's. */
export async function issueToken(
  parts: Pick<ApiParts, 'store' | 'now' | 'config'>,
  proven: Proven,
  scope: ProjectScope | null,
): Promise<{ text: string; subject: TokenSubject } | undefined> {
  const userDomain = await parts.store.identity.domains.find(proven.user.domainId);
  const text = newTokenText();
  const hash = hashOfToken(text);
  if (userDomain === undefined || hash === undefined) return undefined;
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
  await parts.store.tokens.insert(token);
  await clearExpired(parts.store, now);
  return { text, subject: { token, user: proven.user, userDomain, scope } };
}

/** Keeps the table as small as the number of living tokens, without a job of its own. */
async function clearExpired(store: Store, now: number): Promise<void> {
  if (now - (lastCleared.get(store) ?? 0) < CLEARING_MS) return;
  lastCleared.set(store, now);
  await store.tokens.deleteExpired(now);
}
