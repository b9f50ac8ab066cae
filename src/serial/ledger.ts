import type { HostName } from '../model/ids.ts';
import type { SerialRecord } from '../model/serial.ts';

/** What a server's ledger says of now. */
export interface SerialStanding {
  /** The serial that the guest was last started with; null before its first start. */
  readonly current: SerialRecord | null;
  /** The other serial that it will be given at its next hard boot where it is now. */
  readonly pending: SerialRecord | null;
}

/**
 * Reads a server's ledger. A pending change was decided for one host: it is none any more where the server has moved on.
 * @param records oldest first
 * @param host where the server is
 */
export function standingOf(records: readonly SerialRecord[], host: HostName | null): SerialStanding {
  const current = records.findLast(({ effect }) => effect === 'booted') ?? null;
  const last = records.at(-1);
  const waits = last?.effect === 'pending' && last.host === host && last.serial !== current?.serial;
  return { current, pending: waits ? last : null };
}
