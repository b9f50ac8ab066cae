import type { GuestReading } from '../model/guest-reading.ts';
import type { HostName } from '../model/ids.ts';
import type { SerialRecord } from '../model/serial.ts';
import type { LedgerEntry } from './ledger-entry.ts';

/**
 * The record to append when a guest was started with another serial than the ledger says.
 * @param records of its server, oldest first
 * @returns undefined when the ledger says so already, or the guest has never booted
 */
export function serialOfReading(
  records: readonly SerialRecord[],
  { serial }: Pick<GuestReading, 'serial'>,
  host: HostName,
): LedgerEntry | undefined {
  const booted = records.filter(({ effect }) => effect === 'booted');
  const current = booted.at(-1);
  if (current === undefined || current.serial === serial) return undefined;
  const decided = lastDecided(booted);
  if (decided?.serial !== serial)
    return { effect: 'booted', serial, source: 'outside', because: [], overruled: [], host };
  const { source, because, overruled } = decided;
  return { effect: 'booted', serial, source, because, overruled, host: decided.host };
}

/** The last record of a boot whose serial Nameplate decided. @param records oldest first */
export function lastDecided(records: readonly SerialRecord[]): SerialRecord | undefined {
  return records.findLast(({ effect, source }) => effect === 'booted' && source !== 'outside');
}
