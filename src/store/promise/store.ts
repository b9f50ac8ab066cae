import type { FlavorQueries } from './flavors.ts';
import type { GroupQueries } from './groups.ts';
import type { AggregateQueries, HostQueries } from './hosts.ts';
import type {
  FailedLoginQueries,
  IdentityQueries,
  KeypairQueries,
  QuotaQueries,
  SecretQueries,
  TokenQueries,
} from './identity.ts';
import type { IdentityClaimQueries } from './identity-claims.ts';
import type { ImageQueries } from './images.ts';
import type { MigrationQueries } from './migrations.ts';
import type { NetworkQueries, PortQueries, SecurityGroupQueries, SubnetQueries } from './networks.ts';
import type { ActionQueries, OperationQueries } from './operations.ts';
import type { ChoreQueries, PurgeQueries } from './purge.ts';
import type { RestoredQueries } from './restored.ts';
import type { RetiredIdQueries } from './retired-ids.ts';
import type { SerialQueries } from './serials.ts';
import type { ServerQueries } from './servers.ts';

/**
 * Everything that must outlive the process. Two implementations, one law suite (`test/laws/store.ts`).
 * A write to a row with a generation names the generation that it read. A write that names an old one
 * throws `Failure('conflict')` and changes nothing.
 */
export interface Store extends Queries {
  /**
   * Runs `work` in one serializable transaction: all of it is committed durably before the promise resolves,
   * or none of it. After a serialization failure `work` runs again. So it calls nothing but the queries it is
   * given, one at a time, and waits for nothing else. It should read few rows: a transaction that reads all
   * hosts conflicts with every host report of the same moment.
   * @throws {Failure} `unavailable` when nothing was changed because the store is away; `outcome-unknown`
   * when the answer to the commit was lost
   */
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /**
   * A READ COMMITTED transaction with row locks (`FOR UPDATE`) on servers and hosts read by id, and on sums
   * of usage. Other writers of these rows wait. It has no serialization failures over a shared index page.
   * Lists, counts and rows that were not found may change before the commit: use it only for work that does
   * not rely on them.
   */
  lockingTransaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /**
   * A number that changes with every commit of any replica. Cheap: SQLite reads it from memory, PostgreSQL
   * answers one short query for all concurrent callers. What was read outside of transactions between two
   * equal numbers is current.
   */
  commitVersion(): number | Promise<number>;
  /**
   * Returns some of the space of removed rows to the file system, in a short transaction. @returns whether
   * more is left
   */
  reclaimSpace(): Promise<boolean>;
  /**
   * Rewrites the whole database so that `reclaimSpace` works from then on; undefined where it works already.
   * Slow, needs as much free space again, and no other process may use the store meanwhile.
   * @throws {Failure} `out-of-space`, `unavailable` when another process uses it
   */
  readonly rebuild?: (() => Promise<void>) | undefined;
  close(): Promise<void>;
}

/** Queries by noun. On a `Store` each is a transaction of its own. */
export interface Queries {
  readonly servers: ServerQueries;
  readonly operations: OperationQueries;
  readonly actions: ActionQueries;
  readonly serials: SerialQueries;
  readonly hosts: HostQueries;
  readonly aggregates: AggregateQueries;
  readonly groups: GroupQueries;
  readonly migrations: MigrationQueries;
  readonly flavors: FlavorQueries;
  readonly images: ImageQueries;
  readonly keypairs: KeypairQueries;
  readonly identity: IdentityQueries;
  readonly tokens: TokenQueries;
  readonly failedLogins: FailedLoginQueries;
  readonly quotas: QuotaQueries;
  readonly networks: NetworkQueries;
  readonly subnets: SubnetQueries;
  readonly ports: PortQueries;
  readonly securityGroups: SecurityGroupQueries;
  readonly secrets: SecretQueries;
  readonly restored: RestoredQueries;
  readonly retiredIds: RetiredIdQueries;
  readonly identityClaims: IdentityClaimQueries;
  readonly purge: PurgeQueries;
  readonly chores: ChoreQueries;
}
