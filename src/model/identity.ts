import type { ProjectId, UserId } from './ids.ts';

/** A domain of the Identity API (https://docs.openstack.org/api-ref/identity/v3/). */
export interface Domain {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
}

export interface Project {
  readonly id: ProjectId;
  readonly name: string;
  readonly domainId: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly tags: readonly string[];
}

export interface User {
  readonly id: UserId;
  readonly name: string;
  readonly domainId: string;
  readonly enabled: boolean;
  readonly defaultProjectId: ProjectId | null;
  readonly description: string | null;
  readonly email: string | null;
  /** Further keys that the creator sent. Like Keystone, Nameplate stores them unchanged. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** argon2id, in PHC string form */
  readonly passwordHash: string | null;
}

export interface Role {
  readonly id: string;
  readonly name: string;
  readonly domainId: string | null;
  readonly description: string | null;
}

/** The assignment of a role to a user on a project. */
export interface Assignment {
  readonly userId: UserId;
  readonly projectId: ProjectId;
  readonly roleId: string;
}

/**
 * A token as the store keeps it. The store never has its text, only its SHA-256. Times are epoch
 * milliseconds.
 */
export interface Token {
  readonly hash: string;
  readonly userId: UserId;
  readonly projectId: ProjectId | null;
  readonly methods: readonly string[];
  readonly auditIds: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** A public key under a name that is unique for its user. */
export interface Keypair {
  readonly userId: UserId;
  readonly name: string;
  readonly type: 'ssh' | 'x509';
  readonly publicKey: string;
  readonly fingerprint: string;
  /** A sequence number. */
  readonly number: number;
  readonly createdAt: number;
}

/** The sender of a request, by its verified token. */
export interface Caller {
  readonly userId: UserId;
  readonly userName: string;
  readonly userDomainId: string;
  /** Null for an unscoped token. */
  readonly projectId: ProjectId | null;
  readonly projectName: string | null;
  /** Role names, including implied roles: admin → member → reader. */
  readonly roles: readonly string[];
  readonly isAdmin: boolean;
  readonly tokenHash: string;
}
