import type { Static } from 'typebox';
import { Failure } from '../../model/failure.ts';
import type { User } from '../../model/identity.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { checkPassword } from './lockout.ts';
import { unauthenticated } from './refusals.ts';
import type { AuthBody, ByName } from './schemas.ts';
import { subjectOf } from './token-subject.ts';
import { hashOfToken } from './token-text.ts';

type Identity = Static<typeof AuthBody>['auth']['identity'];
type Parts = Pick<ApiDependencies, 'store' | 'now' | 'config'> & {
  /** The client's address (`client-address.ts`). */
  readonly address: string;
};

/** An authenticated user. */
export interface Proven {
  readonly user: User;
  readonly methods: readonly string[];
  /** Hashes of the presented tokens: each must still exist when the new token is stored. */
  readonly shown: readonly string[];
  /** Audit ids of the presented token, for the new token's audit chain. */
  readonly parents: readonly string[];
  /** Epoch milliseconds: a token that was made from a token does not outlive it. */
  readonly notAfter: number;
}

/**
 * Authenticates a user. All given methods must succeed, for the same user.
 * @throws {Failure} `invalid` when a field is missing, `unauthenticated` when a credential is wrong
 */
export async function prove(parts: Parts, identity: Identity): Promise<Proven> {
  let proven: Proven | undefined;
  for (const method of new Set(identity.methods)) {
    const next = await proveBy(parts, method, identity);
    if (proven !== undefined && proven.user.id !== next.user.id) throw unauthenticated();
    proven = {
      user: next.user,
      methods: [...new Set([...(proven?.methods ?? []), ...next.methods])],
      shown: [...(proven?.shown ?? []), ...next.shown],
      parents: [...(proven?.parents ?? []), ...next.parents],
      notAfter: Math.min(proven?.notAfter ?? Number.POSITIVE_INFINITY, next.notAfter),
    };
  }
  if (proven === undefined) throw unauthenticated();
  return proven;
}

async function proveBy(parts: Parts, method: string, identity: Identity): Promise<Proven> {
  switch (method) {
    case 'password':
      return byPassword(parts, expected(identity.password, 'password').user);
    case 'token':
      return byToken(parts, expected(identity.token, 'token').id);
    case 'application_credential':
    case 'totp':
      throw new Failure('not-implemented', `Authentication by ${method} is not implemented.`);
    default:
      throw unauthenticated();
  }
}

function expected<T>(given: T | undefined, name: string): T {
  if (given === undefined) throw missing(name, 'identity');
  return given;
}

function missing(name: string, where: string): Failure {
  return new Failure(
    'invalid',
    `Expecting to find ${name} in ${where}. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.`,
  );
}

type PasswordUser = NonNullable<Identity['password']>['user'];

/** For an unknown user it computes the same hash as for a wrong password. */
async function byPassword(parts: Parts, asked: PasswordUser): Promise<Proven> {
  if (asked.id === undefined && asked.name === undefined) throw missing('id or name', 'user');
  if (asked.id === undefined && asked.domain === undefined) throw missing('domain', 'user');
  const user = await userOf(parts, asked);
  await checkPassword(parts, {
    user,
    password: asked.password,
    by: { address: parts.address, user: named(asked) },
  });
  if (!user?.enabled) throw unauthenticated();
  const domain = await parts.store.identity.domains.find(user.domainId);
  if (!domain?.enabled) throw unauthenticated();
  return { user, methods: ['password'], shown: [], parents: [], notAfter: Number.POSITIVE_INFINITY };
}

/** The user as the request names it, whether it exists or not. */
function named({ id, name, domain }: PasswordUser): string {
  return JSON.stringify([id, name, domain?.id, domain?.name]);
}

async function userOf({ store }: Parts, asked: PasswordUser): Promise<User | undefined> {
  if (asked.id !== undefined) return store.identity.users.find(asked.id);
  const domainId = await domainIdOf(store, asked.domain);
  if (domainId === undefined || asked.name === undefined) return undefined;
  const [user] = await store.identity.users.list({ name: asked.name, domainId });
  return user;
}

/** The domain of a reference by id or by name. */
export async function domainIdOf(
  store: Parts['store'],
  asked: Static<typeof ByName> | undefined,
): Promise<string | undefined> {
  if (asked?.id !== undefined) return asked.id;
  if (asked?.name === undefined) return undefined;
  const [domain] = await store.identity.domains.list({ name: asked.name });
  return domain?.id;
}

async function byToken(parts: Parts, text: string): Promise<Proven> {
  const hash = hashOfToken(text);
  const token = hash === undefined ? undefined : await parts.store.tokens.find(hash);
  const subject = token && (await subjectOf(parts.store, token, parts.now()));
  if (subject === undefined) throw unauthenticated();
  return {
    user: subject.user,
    methods: ['token', ...subject.token.methods],
    shown: [subject.token.hash],
    parents: subject.token.auditIds.slice(-1),
    notAfter: subject.token.expiresAt,
  };
}
