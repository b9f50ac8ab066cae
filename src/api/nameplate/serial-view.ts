import type { HostName, ProjectId } from '../../model/ids.ts';
import type { SerialDecision, SerialRecord } from '../../model/serial.ts';
import type { ChangedSerial, SharedSerial } from '../../serial/audit.ts';
import { explainSerial } from '../../serial/decision.ts';
import { describeIneffectiveName, type IneffectiveName } from '../../serial/ineffective-names.ts';
import { describeSerialRefusal, type PendingSerial } from '../../serial/pending.ts';
import type { PreviewedMove } from '../../serial/preview.ts';
import { hostIdOf } from '../compute/servers/view.ts';

/**
 * The audience of a serial. Administrators see names of hosts; others see the `hostId` of the Compute API.
 */
export interface SerialViewing {
  readonly isAdmin: boolean;
  readonly projectId: ProjectId;
}

/** Ineffective names on flavor and image, if there are any. */
export function ineffectiveView(names: readonly IneffectiveName[]) {
  return names.length === 0
    ? {}
    : { ineffective: names.map((each) => ({ ...each, explanation: describeIneffectiveName(each) })) };
}

/** A decision with its reasons, and an explanation in words. */
export function decisionView(decision: Omit<SerialDecision, 'decided'>, viewing: SerialViewing) {
  const { serial, source, because, overruled } = decision;
  const hostId = hostIdOf(viewing.projectId, decision.host);
  const host = viewing.isAdmin ? decision.host : (hostId as HostName);
  const explanation = explainSerial({ decided: true, serial, source, because, overruled, host });
  return {
    ...{ serial, source, explanation, because, overruled, hostId },
    ...(viewing.isAdmin && { host: decision.host }),
  };
}

/** A serial record: see `SerialEffect`. */
export function recordView(record: SerialRecord, viewing: SerialViewing) {
  const { operation, effect, at } = record;
  const explained = decisionView(record, viewing);
  const explanation = effect === 'refused' ? REFUSED : explained.explanation;
  return { ...explained, explanation, operation, effect, at: new Date(at).toISOString() };
}

/** The text for owners, without files and settings of hosts. */
const REFUSED =
  'The host that the server is on cannot give the guest its serial; its operator can mend that.';

/** The effect of the next hard boot: another serial, or a refusal. */
export function pendingView(pending: PendingSerial, viewing: SerialViewing) {
  if (pending.outcome === 'changes')
    return { outcome: 'changes', why: null, ...decisionView(pending.decision, viewing), effect: 'pending' };
  const { host } = pending.refusal;
  return {
    outcome: 'refuses',
    why: viewing.isAdmin ? describeSerialRefusal(pending.refusal) : REFUSED,
    hostId: hostIdOf(viewing.projectId, host),
    ...(viewing.isAdmin && { host }),
    effect: 'refused',
  };
}

/** The effect of a move, for administrators. */
export function previewView({ host, outcome, decision, why }: PreviewedMove, viewing: SerialViewing) {
  return { host, outcome, why, ...(decision !== null && decisionView(decision, viewing)) };
}

export function sharedView({ serial, servers }: SharedSerial) {
  return { serial, servers: servers.map(({ serverId, host, source }) => ({ id: serverId, host, source })) };
}

export function changedView({ serverId, serials }: ChangedSerial) {
  return {
    server_id: serverId,
    serials: serials.map(({ serial, source, host, operation, at }) => ({
      ...{ serial, source, host, operation },
      at: new Date(at).toISOString(),
    })),
  };
}
