import type { ServerId } from '../../model/ids.ts';
import type { SerialRecord } from '../../model/serial.ts';

/** The part of a server's ledger that tells what it says of now. */
interface SerialStanding {
  readonly current: SerialRecord | null;
  readonly last: SerialRecord | null;
}

export interface SerialQueries {
  add(record: SerialRecord): Promise<void>;
  /** Oldest first. */
  of(server: ServerId): Promise<SerialRecord[]>;
  /** The last line of each of these servers, and its last `booted` one; servers without any are left out. */
  standingsOf(servers: readonly ServerId[]): Promise<ReadonlyMap<ServerId, SerialStanding>>;
  /** A piece of the whole ledger, oldest first: the records after the one of that number, at most so many. */
  list(piece: {
    readonly after: number;
    readonly limit: number;
  }): Promise<{ readonly number: number; readonly record: SerialRecord }[]>;
}
