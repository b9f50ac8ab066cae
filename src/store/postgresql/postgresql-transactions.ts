import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../../model/failure.ts';
import { inTime } from '../sql/in-time.ts';
import type { ReadyQuery, Session, StoreDialect } from '../sql/session.ts';
import { faultOf } from './postgresql-failure.ts';

/** A connection, for as long as one transaction needs it. */
export interface Link {
  /** Nothing can be asked over it any more; what was asked last may have been done. */
  readonly isBroken: boolean;
  /** Milliseconds to wait for an answer before the connection is taken to be broken. */
  patience: number;
  /** @throws {Failure} */
  run(query: ReadyQuery): Promise<unknown[]>;
  /** Runs a command that is not prepared. @returns what the server says it did */
  control(text: string): Promise<string>;
  release(): void;
}

interface Limits {
  readonly patience: number | undefined;
  limit<V>(working: Promise<V>): Promise<V>;
}

interface How {
  /** What its queries are written in. */
  readonly dialect: StoreDialect;
  /** The commands that begin it. */
  readonly begin: readonly string[];
}

/** A change of all tables takes as long as it takes. */
const FOR_EVER = 2 ** 31 - 1;

type Work<T> = (session: Session) => Promise<T>;

/** Milliseconds for which dead connections, that died with the server they led to, are left for others. */
export const LONGEST_FINDING = 5_000;
/** Milliseconds for which a transaction that met others is run again. */
const LONGEST_TRYING = 20_000;
/** Milliseconds between two tries, at most; each waits a part of it that chance decides. */
const LONGEST_PAUSE = 20;

/**
 * Runs transactions side by side, each over a connection of its own. Those that PostgreSQL rolled back because they
 * met another are run again one after another, so that many that want the same row do not keep each other from it.
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
      if (!metAnother(error)) throw error;
      return this.#inLane(() => this.#untilItLands(work, how));
    }
  }

  /** Runs a transaction that is begun by these commands and never run again. */
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
        if (!metAnother(error) || performance.now() - began > LONGEST_TRYING) throw error;
        await pause(Math.random() * Math.min(tried, LONGEST_PAUSE));
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
    { patience, limit }: Limits = { patience: undefined, limit: inTime },
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
      throw metAnother(session.refusal) ? session.refusal : error;
    } finally {
      link.release();
    }
  }

  /** A connection that is in a transaction. Where one proves dead nothing has been asked yet: the next is tried. */
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
        if (!link.isBroken || performance.now() - began > LONGEST_FINDING) throw error;
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
        operatorText: `The answer to a commit was lost: ${(error as Failure).operatorText}`,
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
    // Then the connection is broken, and the server rolls back by itself.
  }
}

function metAnother(error: unknown): boolean {
  return error instanceof Failure && error.cause !== undefined && faultOf(error.cause) === 'again';
}

class TransactionSession implements Session {
  readonly dialect: StoreDialect;
  /** Its questions are asked one after another. */
  readonly isFar = false;
  readonly #link: Link;
  #last: Promise<unknown> = Promise.resolve();
  #ended = false;
  /** Why PostgreSQL takes nothing more from this transaction: one query that it refused ends it, caught or not. */
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
    if (this.#ended) throw new Failure('internal', 'A query was asked of a transaction that has ended.');
    if (this.refusal !== undefined) throw this.refusal;
    try {
      return await this.#link.run(query);
    } catch (error) {
      this.refusal = error as Failure;
      throw error;
    }
  }

  async atomically<T>(work: Work<T>): Promise<T> {
    return work(this);
  }

  holding = this.atomically;

  /** Takes no more queries, and waits for the one that is under way. @throws {Failure} when one was refused */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#last;
    if (this.refusal !== undefined) throw this.refusal;
  }
}
