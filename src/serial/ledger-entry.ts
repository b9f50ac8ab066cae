import type { SerialDecision, SerialRecord, SerialRefusal } from '../model/serial.ts';
import { type PendingSerial, pendingOf } from './pending.ts';

/** The part of a server's ledger that tells what it says of now. */
export interface LedgerHead {
  /** The serial that the guest was last booted with; null before its first boot. */
  readonly current: SerialRecord | null;
  /** The last line of all. */
  readonly last: SerialRecord | null;
}

/** @param records of one server, oldest first */
export function ledgerHeadOf(records: readonly SerialRecord[]): LedgerHead {
  return {
    current: records.findLast(({ effect }) => effect === 'booted') ?? null,
    last: records.at(-1) ?? null,
  };
}

/** What a line of the ledger says, and for which host. */
export type LedgerEntry = Omit<SerialDecision, 'decided'> & Pick<SerialRecord, 'effect'>;

/**
 * The line that the ledger lacks, once a guest's next hard boot would do something else than the ledger says.
 * @param next the decision with what the server's host reports now
 * @returns undefined when the ledger says it already, or the guest has never been booted
 */
export function nextLedgerEntry(
  { current, last }: LedgerHead,
  next: SerialDecision | SerialRefusal,
): LedgerEntry | undefined {
  if (current === null || last === null) return undefined;
  const entry = entryOf(pendingOf(current, next), next);
  return comparable(last) === comparable(entry) ? undefined : entry;
}

function entryOf(pending: PendingSerial | null, next: SerialDecision | SerialRefusal): LedgerEntry {
  if (!next.decided)
    return { effect: 'refused', serial: null, source: 'none', because: [], overruled: [], host: next.host };
  const { decided: _, ...decision } = next;
  return { ...decision, effect: pending === null ? 'settled' : 'pending' };
}

/** Two lines that say the same of the next hard boot have the same text. */
function comparable({ effect, serial, host }: Pick<SerialRecord, 'effect' | 'serial' | 'host'>): string {
  return effect === 'pending' || effect === 'refused'
    ? JSON.stringify([effect, serial, host])
    : 'nothing waits';
}
