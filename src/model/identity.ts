import type { ProjectId, UserId } from './ids.ts';

/** Keystone's nouns (https://docs.openstack.org/api-ref/identity/v3/). */
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
  /** Keys that the creator sent and Keystone keeps as they are. */
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

/** A role given to a user on a project. */
export interface Assignment {
  readonly userId: UserId;
  readonly projectId: ProjectId;
  readonly roleId: string;
}

/**
 * A token as the store keeps it: its text is never stored, only its SHA-256. Times are epoch milliseconds.
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

/** A public key under a user's own name. */
export interface Keypair {
  readonly userId: UserId;
  readonly name: string;
  readonly type: 'ssh' | 'x509';
  readonly publicKey: string;
  readonly fingerprint: string;
  /** Counts keypairs. */
  readonly number: number;
  readonly createdAt: number;
}

/** Who asks: what a verified token says. */
export interface Caller {
  readonly userId: UserId;
  readonly userName: string;
  readonly userDomainId: string;
  /** Null for an unscoped token. */
  readonly projectId: ProjectId | null;
  readonly projectName: string | null;
  /** Role names, implied ones included: admin → member → reader. */
  readonly roles: readonly string[];
  readonly isAdmin: boolean;
  readonly tokenHash: string;
}
