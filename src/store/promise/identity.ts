import type { Assignment, Domain, Keypair, Project, Role, Token, User } from '../../model/identity.ts';
import type { ProjectId, UserId } from '../../model/ids.ts';
import type { Page } from './page.ts';

/**
 * Each insert throws `conflict` when the id, or the name within its domain, is taken. Deleting a thing
 * deletes its assignments and tokens.
 */
export interface IdentityQueries {
  readonly domains: NounQueries<Domain, { name?: string; enabled?: boolean }>;
  readonly projects: NounQueries<Project, { name?: string; domainId?: string; enabled?: boolean }>;
  readonly users: NounQueries<User, { name?: string; domainId?: string; enabled?: boolean }>;
  readonly roles: NounQueries<Role, { name?: string; domainId?: string | null }>;
  assign(assignment: Assignment): Promise<void>;
  /** @returns whether there was one */
  unassign(assignment: Assignment): Promise<boolean>;
  assignments(filter: { userId?: UserId; projectId?: ProjectId; roleId?: string }): Promise<Assignment[]>;
}

export interface NounQueries<T extends { readonly id: string }, Filter> {
  insert(row: T): Promise<void>;
  find(id: string): Promise<T | undefined>;
  list(filter: Filter): Promise<T[]>;
  update(id: string, patch: Partial<Omit<T, 'id'>>): Promise<T | undefined>;
  delete(id: string): Promise<boolean>;
}

export interface TokenQueries {
  insert(token: Token): Promise<void>;
  find(hash: string): Promise<Token | undefined>;
  delete(hash: string): Promise<boolean>;
  deleteOfUser(user: UserId): Promise<void>;
  deleteOfProject(project: ProjectId): Promise<void>;
  /** Those of the domain's users, and those for its projects. */
  deleteOfDomain(domain: string): Promise<void>;
  deleteExpired(now: number): Promise<number>;
}

/** Wrong passwords in a row. */
export interface FailedLoginQueries {
  /** `lastAt`: epoch milliseconds; undefined when there are none. */
  of(user: UserId): Promise<{ readonly count: number; readonly lastAt: number } | undefined>;
  /** One more, of a user that is there. */
  add(user: UserId, at: number): Promise<void>;
  clear(user: UserId): Promise<void>;
}

export interface KeypairQueries {
  /** @throws {Failure} `conflict` `Key pair 'x' already exists.` */
  insert(keypair: Omit<Keypair, 'number'>): Promise<Keypair>;
  find(user: UserId, name: string): Promise<Keypair | undefined>;
  list(user: UserId, page: Page): Promise<Keypair[]>;
  count(user: UserId): Promise<number>;
  delete(user: UserId, name: string): Promise<boolean>;
}

export interface QuotaQueries {
  /** Limits set for the project; what is not set has the configured default. */
  of(project: ProjectId): Promise<Readonly<Record<string, number>>>;
  set(project: ProjectId, limits: Readonly<Record<string, number>>): Promise<void>;
  reset(project: ProjectId): Promise<void>;
}

/** What the replicas of a control plane know and nobody else. */
export interface SecretQueries {
  /** The secret of that name. The first that is proposed becomes it: all who ask get the same. */
  agree(name: string, proposed: string): Promise<string>;
}
