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
import type { ImageQueries } from './images.ts';
import type { MigrationQueries } from './migrations.ts';
import type { ActionQueries, OperationQueries, SerialQueries } from './operations.ts';
import type { ChoreQueries, PurgeQueries } from './purge.ts';
import type { RestoredQueries } from './restored.ts';
import type { RetiredIdQueries } from './retired-ids.ts';
import type { ServerQueries } from './servers.ts';

/**
 * Everything that must outlive the process. Two implementations, one law suite (`test/laws/store.ts`).
 * A row with a generation is written by naming the generation it was read at; a write that names an old one
 * throws `Failure('conflict')` and changes nothing.
 */
export interface Store extends Queries {
  /**
   * Runs `work` in one transaction: all of it lands, durably, before the promise resolves, or none of it.
   * What it looks at before it writes is still so when it lands, whoever else writes: where another came between, `work` is run again, so it
   * does nothing but ask the queries it is handed, one after another, and waits for nothing else. What it only looks at should be little: a
   * transaction that reads all hosts meets each of them that reports meanwhile.
   * @throws {Failure} `unavailable` when nothing was changed because the store is away; `outcome-unknown` when the answer to the commit was lost
   */
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /**
   * As `transaction`, for work that relies on nothing but servers and hosts that it finds by their ids and on sums of usage that it asks for. Each of these
   * is held from then on: others who want to change it wait, and the work meets nobody with whom it only shares a page of an index. What
   * it counts, lists or does not find may be another when it lands.
   */
  holding<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /**
   * A number that is another one as soon as anything has been committed, whoever did it, and costs a glance, or a short question for all that
   * ask at the same time. What was read between two equal stamps, outside of transactions, is still so.
   */
  stamp(): number | Promise<number>;
  /** Gives a piece of the space that removed rows had back to the file system, in a short transaction. @returns whether there is more */
  giveBack(): Promise<boolean>;
  /**
   * Writes the whole database anew, so that it can give space back from then on; undefined where it can already. It takes a while and as much
   * space again, and nobody else may use the store meanwhile.
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
  readonly secrets: SecretQueries;
  readonly restored: RestoredQueries;
  readonly retiredIds: RetiredIdQueries;
  readonly purge: PurgeQueries;
  readonly chores: ChoreQueries;
}
