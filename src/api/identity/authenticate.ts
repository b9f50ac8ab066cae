import type { Caller } from '../../model/identity.ts';
import type { Store } from '../../store/store.ts';
import type { ApiParts } from '../parts.ts';
import { CallerCache } from './caller-cache.ts';
import { subjectOf, type TokenSubject } from './token-subject.ts';
import { hashOfToken } from './token-text.ts';

type Parts = Pick<ApiParts, 'store' | 'now'>;

/** One cache for each store: it lives and dies with it. */
const caches = new WeakMap<Store, CallerCache>();

function cacheOf(store: Store): CallerCache {
  const known = caches.get(store);
  if (known !== undefined) return known;
  const made = new CallerCache();
  caches.set(store, made);
  return made;
}

/**
 * Who a token speaks for; undefined for a token that is unknown, expired or revoked.
 * A token seen in the last seconds costs one SHA-256 and no question to the store.
 */
export async function authenticate(parts: Parts, tokenText: string): Promise<Caller | undefined> {
  const hash = hashOfToken(tokenText);
  if (hash === undefined) return undefined;
  const now = parts.now();
  const cache = cacheOf(parts.store);
  return cache.get(hash, now) ?? cache.load(hash, () => look(parts.store, hash, now), now);
}

/** Makes every token be looked up anew: after any change of who may do what. */
export function forgetCallers(store: Store): void {
  caches.get(store)?.forget();
}

async function look(store: Store, hash: string, now: number) {
  const token = await store.tokens.find(hash);
  const subject = token && (await subjectOf(store, token, now));
  return subject && { caller: callerOf(subject), expiresAt: subject.token.expiresAt };
}

/** What the rest of the API knows of a token's subject. */
export function callerOf(subject: TokenSubject): Caller {
  const roles = subject.scope?.roles.map((role) => role.name) ?? [];
  return {
    userId: subject.user.id,
    userName: subject.user.name,
    userDomainId: subject.user.domainId,
    projectId: subject.scope?.project.id ?? null,
    projectName: subject.scope?.project.name ?? null,
    roles,
    isAdmin: roles.includes('admin'),
    tokenHash: subject.token.hash,
  };
}
