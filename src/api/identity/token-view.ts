import { catalogAt } from './catalog.ts';
import { identityTime } from './times.ts';
import type { TokenSubject } from './token-subject.ts';

/** The body of a token. A token with a scope has the catalog, unless the client declines it. */
export function tokenView(subject: TokenSubject, how: { readonly root: string; readonly catalog: boolean }) {
  const { token, user, userDomain, scope } = subject;
  return {
    token: {
      methods: token.methods,
      user: {
        id: user.id,
        name: user.name,
        domain: { id: userDomain.id, name: userDomain.name },
        password_expires_at: null,
      },
      audit_ids: token.auditIds,
      expires_at: identityTime(token.expiresAt),
      issued_at: identityTime(token.issuedAt),
      ...(scope === null ? {} : scopeView(scope)),
      ...(scope === null || !how.catalog ? {} : { catalog: tokenCatalog(how.root) }),
    },
  };
}

function scopeView(scope: NonNullable<TokenSubject['scope']>) {
  const { project, domain, roles } = scope;
  return {
    project: { id: project.id, name: project.name, domain: { id: domain.id, name: domain.name } },
    is_domain: false,
    roles: roles.map(({ id, name }) => ({ id, name })),
  };
}

/** The catalog in the format of tokens. */
export function tokenCatalog(root: string) {
  return catalogAt(root).map(({ id, type, name, endpoints }) => ({ id, type, name, endpoints }));
}
