import type { ServerId } from '../../model/ids.ts';
import type { SerialRecord } from '../../model/serial.ts';

/** The newest records of a server's ledger. */
interface SerialStanding {
  readonly current: SerialRecord | null;
  readonly last: SerialRecord | null;
}

export interface SerialQueries {
  add(record: SerialRecord): Promise<void>;
  /** Oldest first. */
  of(server: ServerId): Promise<SerialRecord[]>;
  /** The newest record of each server, and its newest `booted` record. Servers without records are absent. */
  standingsOf(servers: readonly ServerId[]): Promise<ReadonlyMap<ServerId, SerialStanding>>;
  /** A part of the whole ledger, oldest first: up to `limit` records after the record with this number. */
  list(piece: {
    readonly after: number;
    readonly limit: number;
  }): Promise<{ readonly number: number; readonly record: SerialRecord }[]>;
}
