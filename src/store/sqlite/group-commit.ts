import { setImmediate as nextTurn } from 'node:timers/promises';
import { asFailure, Failure } from '../../model/failure.ts';
import type { ReadyQuery, Session, StoreDialect } from '../sql/session.ts';
import { withTransactionTimeout } from '../sql/transaction-timeout.ts';

/** The connection that writes. */
export interface Connection {
  readonly inTransaction: boolean;
  /** @throws {Failure} */
  all(query: ReadyQuery): unknown[];
}

/** A limit, so that the first of many transactions does not wait for all of them. */
const MAX_GROUP_SIZE = 100;

const BEGIN = { sql: 'begin immediate', parameters: [] };
const COMMIT = { sql: 'commit', parameters: [] };
const ROLLBACK = { sql: 'rollback', parameters: [] };
const BEGIN_MEMBER = { sql: 'savepoint member', parameters: [] };
const ROLLBACK_MEMBER = { sql: 'rollback to savepoint member', parameters: [] };
const END_MEMBER = { sql: 'release savepoint member', parameters: [] };

interface Waiting {
  readonly work: (session: Session) => Promise<unknown>;
  readonly resolve: (value: never) => void;
  readonly reject: (why: unknown) => void;
}

/**
 * Runs transactions one after another on the write connection, and commits those that wait as one group: the
 * disk's sync is the expensive part, and one sync serves the whole group. Each member has its own savepoint,
 * so a member that throws is rolled back alone. Members learn their result only after the commit. If the
 * commit fails, all members fail, also those that threw: they may have thrown because of another member's
 * change, which is gone.
 */
export class GroupCommit {
  readonly #connection: Connection;
  readonly #dialect: StoreDialect;
  readonly #waiting: Waiting[] = [];
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(connection: Connection, dialect: StoreDialect) {
    this.#connection = connection;
    this.#dialect = dialect;
  }

  run<T>(work: (session: Session) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new Failure('unavailable', 'The store is closed.'));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push({ work, resolve, reject });
    this.#draining ??= this.#drain();
    return promise;
  }

  /** Refuses new transactions and waits for the queued ones. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Requests that have arrived by now may join the group.
      await nextTurn();
      const settlers = await this.#runGroup();
      if (this.#waiting.length === 0) this.#draining = undefined;
      for (const settle of settlers) settle();
      if (this.#draining === undefined) return;
    }
  }

  /** Runs and commits one group. @returns one function a member that settles its promise */
  async #runGroup(): Promise<(() => void)[]> {
    const group: Waiting[] = [];
    const settlers: (() => void)[] = [];
    try {
      this.#connection.all(BEGIN);
      while (this.#waiting.length > 0 && group.length < MAX_GROUP_SIZE) {
        const member = this.#waiting.shift() as Waiting;
        group.push(member);
        settlers.push(await this.#runMember(member));
      }
      this.#connection.all(COMMIT);
      return settlers;
    } catch (error) {
      this.#rollback();
      const failed = group.length > 0 ? group : this.#waiting.splice(0);
      return failed.map(
        ({ reject }) =>
          () =>
            reject(asFailure(error)),
      );
    }
  }

  #rollback(): void {
    try {
      if (this.#connection.inTransaction) this.#connection.all(ROLLBACK);
    } catch {
      // The members get the first error. If the rollback failed, the next BEGIN fails too.
    }
  }

  /** @throws {Failure} when SQLite has rolled back the whole group, as it does when the disk is full */
  async #runMember({ work, resolve, reject }: Waiting): Promise<() => void> {
    this.#connection.all(BEGIN_MEMBER);
    const session = new MemberSession(this.#connection, this.#dialect);
    try {
      const value = await withTransactionTimeout(work(session));
      this.#connection.all(END_MEMBER);
      return () => resolve(value as never);
    } catch (error) {
      if (!this.#connection.inTransaction) throw error;
      this.#connection.all(ROLLBACK_MEMBER);
      this.#connection.all(END_MEMBER);
      return () => reject(error);
    } finally {
      session.ended = true;
    }
  }
}

class MemberSession implements Session {
  readonly dialect: StoreDialect;
  readonly isRemote = false;
  readonly #connection: Connection;
  ended = false;

  constructor(connection: Connection, dialect: StoreDialect) {
    this.#connection = connection;
    this.dialect = dialect;
  }

  async all(query: ReadyQuery): Promise<unknown[]> {
    if (this.ended) throw new Failure('internal', 'A query was made in a transaction that has ended.');
    return this.#connection.all(query);
  }

  async transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return work(this);
  }

  lockingTransaction = this.transaction;
}
