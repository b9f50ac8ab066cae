import type { SerialDecision, SerialRecord, SerialRefusal } from '../model/serial.ts';

/** What would happen to a guest's serial at its next hard boot, where it is now, if anything. */
export type PendingSerial =
  | { readonly outcome: 'changes'; readonly decision: SerialDecision }
  | { readonly outcome: 'refuses'; readonly refusal: SerialRefusal };

/**
 * What the next hard boot would do to the serial that the guest has.
 * @param current what the guest was last booted with; null before its first boot
 * @param next the decision with what the server's host reports now
 * @returns null when the guest keeps its serial, or has not been booted yet
 */
export function pendingOf(
  current: Pick<SerialRecord, 'serial'> | null,
  next: SerialDecision | SerialRefusal,
): PendingSerial | null {
  if (current === null) return null;
  if (!next.decided) return { outcome: 'refuses', refusal: next };
  return next.serial === current.serial ? null : { outcome: 'changes', decision: next };
}

/** The sentence for operators on why the next hard boot would be refused. */
export function describeSerialRefusal({ host, why }: SerialRefusal): string {
  return `Host ${host} cannot give the guest its serial: ${why}.`;
}
