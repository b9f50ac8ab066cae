import { setImmediate as nextTurn } from 'node:timers/promises';
import { asFailure, Failure } from '../../model/failure.ts';
import { inTime } from '../sql/in-time.ts';
import type { ReadyQuery, Session, StoreDialect } from '../sql/session.ts';

/** The connection that writes. */
export interface Connection {
  readonly inTransaction: boolean;
  /** @throws {Failure} */
  all(query: ReadyQuery): unknown[];
}

/** So that the first of many does not wait for all of them. */
const LARGEST_GROUP = 100;

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
 * Runs transactions one after another on the one connection that writes, and commits those that wait together as a
 * group: what costs time is the disk's sync, and one sync is enough for all. Each has its own savepoint, so that one
 * that throws is rolled back alone. None is told how it ended before the commit of its group has ended; when that fails, all of the group have failed,
 * for one that was refused may have been refused because of another that is gone now.
 */
export class SqliteCommits {
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

  /** Refuses new transactions, and waits for those that have been asked for. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // All requests that have arrived by now may join the group.
      await nextTurn();
      const settle = await this.#runGroup();
      if (this.#waiting.length === 0) this.#draining = undefined;
      for (const tell of settle) tell();
      if (this.#draining === undefined) return;
    }
  }

  /** Runs and commits one group. @returns what is then to be told to each member */
  async #runGroup(): Promise<(() => void)[]> {
    const group: Waiting[] = [];
    const told: (() => void)[] = [];
    try {
      this.#connection.all(BEGIN);
      while (this.#waiting.length > 0 && group.length < LARGEST_GROUP) {
        const member = this.#waiting.shift() as Waiting;
        group.push(member);
        told.push(await this.#runMember(member));
      }
      this.#connection.all(COMMIT);
      return told;
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
      // Why the group failed is told to its members; that it cannot even be rolled back, the next BEGIN will tell.
    }
  }

  /** @throws {Failure} when SQLite has rolled back the whole group, as it does when the disk is full */
  async #runMember({ work, resolve, reject }: Waiting): Promise<() => void> {
    this.#connection.all(BEGIN_MEMBER);
    const session = new MemberSession(this.#connection, this.#dialect);
    try {
      const value = await inTime(work(session));
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
  readonly isFar = false;
  readonly #connection: Connection;
  ended = false;

  constructor(connection: Connection, dialect: StoreDialect) {
    this.#connection = connection;
    this.dialect = dialect;
  }

  async all(query: ReadyQuery): Promise<unknown[]> {
    if (this.ended) throw new Failure('internal', 'A query was asked of a transaction that has ended.');
    return this.#connection.all(query);
  }

  async atomically<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return work(this);
  }

  holding = this.atomically;
}
