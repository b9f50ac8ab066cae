import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../../model/failure.ts';
import type { ReadyQuery, Session, StoreDialect } from '../sql/session.ts';
import { withTransactionTimeout } from '../sql/transaction-timeout.ts';
import { faultOf } from './postgresql-failure.ts';

/** A connection, for as long as one transaction needs it. */
export interface Link {
  /** The connection is unusable; the outcome of its last query is unknown. */
  readonly isBroken: boolean;
  /** Milliseconds without an answer after which the connection counts as broken. */
  patience: number;
  /** @throws {Failure} */
  run(query: ReadyQuery): Promise<unknown[]>;
  /** Runs a command without preparing it. @returns the server's command tag */
  control(text: string): Promise<string>;
  release(): void;
}

interface Limits {
  readonly patience: number | undefined;
  limit<V>(working: Promise<V>): Promise<V>;
}

interface How {
  readonly dialect: StoreDialect;
  /** The commands that begin it. */
  readonly begin: readonly string[];
}

/** For changes of all tables, which have no time limit. */
const FOR_EVER = 2 ** 31 - 1;

type Work<T> = (session: Session) => Promise<T>;

/** How long dead connections are replaced by others after a restart of the server. Milliseconds. */
export const MAX_CONNECT_MS = 5_000;
/** How long a transaction is retried after serialization failures. Milliseconds. */
const MAX_RETRY_MS = 20_000;
/** The longest pause between two tries, in milliseconds; each pause is a random part of it. */
const MAX_PAUSE_MS = 20;

/**
 * Runs transactions concurrently, each over its own connection. Transactions with a serialization failure are
 * retried one at a time, so that many writers of one row make progress.
 */
export class PostgresqlTransactions {
  readonly #dialect: StoreDialect;
  readonly #link: () => Promise<Link>;
  #lane: Promise<unknown> = Promise.resolve();

  constructor(dialect: StoreDialect, link: () => Promise<Link>) {
    this.#dialect = dialect;
    this.#link = link;
  }

  async run<T>(work: Work<T>, how: How = { dialect: this.#dialect, begin: ['begin'] }): Promise<T> {
    try {
      return await this.#once(work, how);
    } catch (error) {
      if (!isSerializationFailure(error)) throw error;
      return this.#inLane(() => this.#untilItLands(work, how));
    }
  }

  /** Runs a transaction that begins with these commands and is never retried. */
  runAlone<T>(work: Work<T>, beginning: readonly string[]): Promise<T> {
    const how = { dialect: this.#dialect, begin: beginning };
    return this.#once(work, how, { patience: FOR_EVER, limit: (working) => working });
  }

  async #untilItLands<T>(work: Work<T>, how: How): Promise<T> {
    const began = performance.now();
    for (let tried = 1; ; tried++) {
      try {
        return await this.#once(work, how);
      } catch (error) {
        if (!isSerializationFailure(error) || performance.now() - began > MAX_RETRY_MS) throw error;
        await pause(Math.random() * Math.min(tried, MAX_PAUSE_MS));
      }
    }
  }

  #inLane<T>(run: () => Promise<T>): Promise<T> {
    const mine = this.#lane.then(run);
    this.#lane = mine.catch(() => {});
    return mine;
  }

  async #once<T>(
    work: Work<T>,
    { dialect, begin }: How,
    { patience, limit }: Limits = { patience: undefined, limit: withTransactionTimeout },
  ): Promise<T> {
    const link = await this.#begun(begin, patience);
    const session = new TransactionSession(link, dialect);
    try {
      const value = await limit(work(session));
      await session.end();
      await commit(link);
      return value;
    } catch (error) {
      await session.end().catch(() => {});
      await rollBack(link);
      throw isSerializationFailure(session.refusal) ? session.refusal : error;
    } finally {
      link.release();
    }
  }

  /** A connection with an open transaction. A dead connection is replaced: no query has been made yet. */
  async #begun(begin: How['begin'], patience: number | undefined): Promise<Link> {
    const began = performance.now();
    for (;;) {
      const link = await this.#link();
      if (patience !== undefined) link.patience = patience;
      try {
        for (const command of begin) await link.control(command);
        return link;
      } catch (error) {
        link.release();
        if (!link.isBroken || performance.now() - began > MAX_CONNECT_MS) throw error;
      }
    }
  }
}

/** @throws {Failure} `outcome-unknown` when the answer was lost */
async function commit(link: Link): Promise<void> {
  try {
    await link.control('commit');
  } catch (error) {
    if (!link.isBroken) throw error;
    throw new Failure(
      'outcome-unknown',
      'The store did not answer; whether the change was made is unknown.',
      {
        operatorText: `The connection was lost during a commit: ${(error as Failure).operatorText}`,
        cause: error,
      },
    );
  }
}

async function rollBack(link: Link): Promise<void> {
  if (link.isBroken) return;
  try {
    await link.control('rollback');
  } catch {
    // The connection is broken: the server rolls back by itself.
  }
}

function isSerializationFailure(error: unknown): boolean {
  return error instanceof Failure && error.cause !== undefined && faultOf(error.cause) === 'again';
}

class TransactionSession implements Session {
  readonly dialect: StoreDialect;
  /** Its queries run one after another, so batching them gains nothing. */
  readonly isRemote = false;
  readonly #link: Link;
  #last: Promise<unknown> = Promise.resolve();
  #ended = false;
  /**
   * The first refused query. PostgreSQL then refuses all others of the transaction, even if the error was
   * caught.
   */
  refusal: Failure | undefined;

  constructor(link: Link, dialect: StoreDialect) {
    this.#link = link;
    this.dialect = dialect;
  }

  all(query: ReadyQuery): Promise<unknown[]> {
    const answer = this.#last.then(() => this.#ask(query));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #ask(query: ReadyQuery): Promise<unknown[]> {
    if (this.#ended) throw new Failure('internal', 'A query was made in a transaction that has ended.');
    if (this.refusal !== undefined) throw this.refusal;
    try {
      return await this.#link.run(query);
    } catch (error) {
      this.refusal = error as Failure;
      throw error;
    }
  }

  async transaction<T>(work: Work<T>): Promise<T> {
    return work(this);
  }

  lockingTransaction = this.transaction;

  /** Takes no more queries and waits for the running one. @throws {Failure} when one was refused */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#last;
    if (this.refusal !== undefined) throw this.refusal;
  }
}
