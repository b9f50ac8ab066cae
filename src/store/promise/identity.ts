import type { Assignment, Domain, Keypair, Project, Role, Token, User } from '../../model/identity.ts';
import type { ProjectId, UserId } from '../../model/ids.ts';
import type { Page } from './page.ts';

/**
 * Each insert throws `conflict` when the id, or the name within its domain, is in use. Deleting a resource
 * deletes its assignments and tokens.
 */
export interface IdentityQueries {
  readonly domains: NounQueries<Domain, { name?: string; enabled?: boolean }>;
  readonly projects: NounQueries<Project, { name?: string; domainId?: string; enabled?: boolean }>;
  readonly users: NounQueries<User, { name?: string; domainId?: string; enabled?: boolean }>;
  readonly roles: NounQueries<Role, { name?: string; domainId?: string | null }>;
  assign(assignment: Assignment): Promise<void>;
  /** @returns whether the assignment existed */
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
  /** Deletes the tokens of the domain's users and of its projects. */
  deleteOfDomain(domain: string): Promise<void>;
  deleteExpired(now: number): Promise<number>;
}

/** Consecutive wrong passwords. */
export interface FailedLoginQueries {
  /** `lastAt`: epoch milliseconds. Undefined when there are none. */
  of(user: UserId): Promise<{ readonly count: number; readonly lastAt: number } | undefined>;
  /** Counts one more for an existing user. */
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
  /** The limits that were set for the project. The configured defaults apply to all others. */
  of(project: ProjectId): Promise<Readonly<Record<string, number>>>;
  /** The limits of every project for which one of these resources was set, by project. */
  ofAll(resources: readonly string[]): Promise<ReadonlyMap<ProjectId, Readonly<Record<string, number>>>>;
  set(project: ProjectId, limits: Readonly<Record<string, number>>): Promise<void>;
  /** Gives these limits back to the defaults. */
  reset(project: ProjectId, resources: readonly string[]): Promise<void>;
}

/** Secrets that the replicas of a control plane share. */
export interface SecretQueries {
  /**
   * Returns the secret of this name. The first proposal becomes the secret, so every caller gets the same
   * one.
   */
  agree(name: string, proposed: string): Promise<string>;
  /** Returns the secret of this name; undefined before the first proposal. */
  find(name: string): Promise<string | undefined>;
}
