import type { SerialDecision, SerialRecord, SerialRefusal } from '../model/serial.ts';

/** The change that the next hard boot on the current host would make. */
export type PendingSerial =
  | { readonly outcome: 'changes'; readonly decision: SerialDecision }
  | { readonly outcome: 'refuses'; readonly refusal: SerialRefusal };

/**
 * Computes what the next hard boot would do to the guest's serial.
 * @param current the record of the last boot; null before the first
 * @param next the decision with the host's current report
 * @returns null when the guest keeps its serial or has not booted yet
 */
export function pendingOf(
  current: Pick<SerialRecord, 'serial'> | null,
  next: SerialDecision | SerialRefusal,
): PendingSerial | null {
  if (current === null) return null;
  if (!next.decided) return { outcome: 'refuses', refusal: next };
  return next.serial === current.serial ? null : { outcome: 'changes', decision: next };
}

/** Describes for operators why the next hard boot would be refused. */
export function describeSerialRefusal({ host, why }: SerialRefusal): string {
  return `Host ${host} cannot give the guest its serial: ${why}.`;
}
