import type { Caller } from '../../model/identity.ts';
import type { Store } from '../../store/promise/store.ts';
import type { ApiDependencies, Authenticator } from '../http/dependencies.ts';
import type { CallerCache } from './caller-cache.ts';
import { subjectOf, type TokenSubject } from './token-subject.ts';
import { hashOfToken } from './token-text.ts';

/** Looks up tokens in the store. A token that was used in the last seconds costs one SHA-256 and no query. */
export function createAuthenticator({
  store,
  now,
  cache,
}: Pick<ApiDependencies, 'store' | 'now'> & { readonly cache: CallerCache }): Authenticator {
  return {
    async authenticate(tokenText) {
      const hash = hashOfToken(tokenText);
      if (hash === undefined) return undefined;
      const at = now();
      return cache.get(hash, at) ?? cache.load(hash, () => look(store, hash, at), at);
    },
    forget: () => cache.forget(),
  };
}

async function look(store: Store, hash: string, now: number) {
  const token = await store.tokens.find(hash);
  const subject = token && (await subjectOf(store, token, now));
  return subject && { caller: callerOf(subject), expiresAt: subject.token.expiresAt };
}

/** The caller for a token's subject. */
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
