import type { SerialDecision, SerialRecord, SerialRefusal } from '../model/serial.ts';
import { type PendingSerial, pendingOf } from './pending.ts';

/** The newest records of a server's ledger. */
export interface LedgerHead {
  /** The serial that the guest was last booted with; null before its first boot. */
  readonly current: SerialRecord | null;
  /** The newest record of any effect. */
  readonly last: SerialRecord | null;
}

/** @param records of one server, oldest first */
export function ledgerHeadOf(records: readonly SerialRecord[]): LedgerHead {
  return {
    current: records.findLast(({ effect }) => effect === 'booted') ?? null,
    last: records.at(-1) ?? null,
  };
}

/** The content of a new ledger record. */
export type LedgerEntry = Omit<SerialDecision, 'decided'> & Pick<SerialRecord, 'effect'>;

/**
 * The record to append when the ledger does not yet describe the next hard boot.
 * @param next the decision with the host's current report
 * @returns undefined when the ledger describes it already, or the guest has never booted
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

/** A key that is equal for records that describe the same next hard boot. */
function comparable({ effect, serial, host }: Pick<SerialRecord, 'effect' | 'serial' | 'host'>): string {
  return effect === 'pending' || effect === 'refused'
    ? JSON.stringify([effect, serial, host])
    : 'nothing waits';
}
