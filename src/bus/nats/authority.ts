import {
  createAccount,
  createOperator,
  createUser,
  encodeAccount,
  encodeOperator,
  encodeUser,
  fmtCreds,
  fromSeed,
  type KeyPair,
} from '@nats-io/jwt';
import type { HostName } from '../../model/ids.ts';
import { permissionsOfAgent, permissionsOfControl, type SubjectPermissions } from './subjects.ts';

/**
 * The keys of NATS's decentralised authorization: an operator signs two accounts, and an account signs its
 * users. A server trusts only the operator. A user's credentials show which account admits it, and the
 * account's own JWT claims list revoked users.
 * https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt Keep it secret: its
 * holder can issue credentials for every host.
 */
export interface Authority {
  readonly operatorSeed: string;
  /** Seed of the account in which control plane and agents communicate. */
  readonly accountSeed: string;
  /** Seed of the account that may change the JWT claims of the other account at the server. */
  readonly systemSeed: string;
  readonly hosts: readonly IssuedCredentials[];
}

/** Credentials of one host. Times are epoch seconds. */
export interface IssuedCredentials {
  readonly host: HostName;
  /** The user's public key. */
  readonly key: string;
  readonly issuedAt: number;
  readonly revokedAt: number | null;
}

const NO_LIMIT = -1;
const UNLIMITED = { subs: NO_LIMIT, data: NO_LIMIT, payload: NO_LIMIT };

/** Creates an authority, which does not accept credentials of an earlier one. */
export function createAuthority(): Authority {
  const [operatorSeed, accountSeed, systemSeed] = [createOperator(), createAccount(), createAccount()].map(
    seedOf,
  );
  return { operatorSeed, accountSeed, systemSeed, hosts: [] } as Authority;
}

/** The signed JWTs that a server needs, and the names of the accounts. */
export interface JwtClaims {
  readonly operator: string;
  readonly account: { readonly key: string; readonly jwt: string };
  readonly system: { readonly key: string; readonly jwt: string };
}

export async function claimsOf(authority: Authority): Promise<JwtClaims> {
  const operator = keyOf(authority.operatorSeed);
  const account = keyOf(authority.accountSeed);
  const system = keyOf(authority.systemSeed);
  const revoked = authority.hosts.filter(({ revokedAt }) => revokedAt !== null);
  const limits = {
    ...UNLIMITED,
    ...{ conn: NO_LIMIT, leaf: NO_LIMIT, imports: NO_LIMIT, exports: NO_LIMIT, wildcards: true },
  };
  const accountClaims = {
    limits: {
      ...limits,
      ...{ mem_storage: NO_LIMIT, disk_storage: NO_LIMIT, streams: NO_LIMIT, consumer: NO_LIMIT },
    },
    revocations: Object.fromEntries(revoked.map(({ key, revokedAt }) => [key, Number(revokedAt)])),
  };
  return {
    operator: await encodeOperator('nameplate', operator, { system_account: system.getPublicKey() }),
    account: {
      key: account.getPublicKey(),
      jwt: await encodeAccount('nameplate', account, accountClaims, { signer: operator }),
    },
    system: {
      key: system.getPublicKey(),
      jwt: await encodeAccount('system', system, { limits }, { signer: operator }),
    },
  };
}

/** The credentials file of the control plane. */
export async function controlCredentials({ accountSeed }: Authority): Promise<Uint8Array> {
  return credentials('control', createUser(), { accountSeed, allowed: permissionsOfControl() });
}

/** The credentials file for pushing changed JWT claims to the server. */
export async function systemCredentials({ systemSeed }: Authority): Promise<Uint8Array> {
  return credentials('system', createUser(), {
    accountSeed: systemSeed,
    allowed: { publish: ['>'], subscribe: ['>'] },
  });
}

/** Issues the credentials of a host's agent. @param at epoch seconds */
export async function issueToHost(
  authority: Authority,
  host: HostName,
  at: number,
): Promise<{ authority: Authority; file: Uint8Array }> {
  const user = createUser();
  const file = await credentials(host, user, {
    accountSeed: authority.accountSeed,
    allowed: permissionsOfAgent(host),
  });
  const issued: IssuedCredentials = { host, key: user.getPublicKey(), issuedAt: at, revokedAt: null };
  return { authority: { ...authority, hosts: [...authority.hosts, issued] }, file };
}

/**
 * Revokes all credentials of a host. The server must then get the new JWT claims. Pure.
 * @param at epoch seconds
 */
export function revokeHost(authority: Authority, host: HostName, at: number): Authority {
  const revoked = (issued: IssuedCredentials) =>
    issued.host === host && issued.revokedAt === null ? { ...issued, revokedAt: at } : issued;
  return { ...authority, hosts: authority.hosts.map(revoked) };
}

async function credentials(
  name: string,
  user: KeyPair,
  { accountSeed, allowed }: { accountSeed: string; allowed: SubjectPermissions },
): Promise<Uint8Array> {
  const claims = {
    ...UNLIMITED,
    pub: { allow: [...allowed.publish] },
    sub: { allow: [...allowed.subscribe] },
  };
  return fmtCreds(await encodeUser(name, user, keyOf(accountSeed), claims), user);
}

function keyOf(seed: string): KeyPair {
  return fromSeed(new TextEncoder().encode(seed));
}

function seedOf(key: KeyPair): string {
  return new TextDecoder().decode(key.getSeed());
}
