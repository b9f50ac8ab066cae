import type { ComputeHost } from '../model/host.ts';
import type { HostName } from '../model/ids.ts';
import type { SerialDecision } from '../model/serial.ts';
import { decideSerial, type SerialDecisionInput } from './decision.ts';
import { type ReportedHost, reportedHostIdentity } from './host-identity.ts';
import { ownSerialObstacle } from './own-serial.ts';
import { demandsOwnSerial } from './policy.ts';

/** The fields of a host report that a preview needs. */
export type PreviewedHost = ReportedHost & Pick<ComputeHost, 'features'>;

/** What a definition on this host would do to the guest's serial. */
export interface PreviewedMove {
  readonly host: HostName;
  /** `gives`: the guest has not booted yet. `refuses`: the host cannot give the required serial. */
  readonly outcome: 'keeps' | 'changes' | 'gives' | 'refuses';
  /** null where the host refuses */
  readonly decision: SerialDecision | null;
  /** The reason of a refusal, as a sentence. */
  readonly why: string | null;
}

/**
 * Previews the serial after a move to each host, with the same function that decides at the move, from the
 * hosts' last reports. Cold migration, resize, evacuation and a hard boot apply it at once, a live migration
 * at the next hard boot.
 * @param now the guest's serial: null for none, undefined before its first boot
 */
export function previewMoves(
  question: SerialDecisionInput,
  hosts: readonly PreviewedHost[],
  now: string | null | undefined,
): PreviewedMove[] {
  return hosts.map((host) => previewOf(question, host, now));
}

function previewOf(
  question: SerialDecisionInput,
  host: PreviewedHost,
  now: string | null | undefined,
): PreviewedMove {
  const { name } = host;
  const refuses = (why: string) => ({ host: name, outcome: 'refuses', decision: null, why }) as const;
  if (demandsOwnSerial(question.policy)) {
    const obstacle = ownSerialObstacle(host);
    if (obstacle === 'architecture') return refuses('Guests of this host cannot be given a serial.');
    if (obstacle === 'agent')
      return refuses("The host's agent does not say that it can give each guest its own serial.");
  }
  const decision = decideSerial(question, reportedHostIdentity(host));
  if (!decision.decided) return refuses(`The host's own source of serials is broken: ${decision.why}.`);
  const outcome = now === undefined ? 'gives' : decision.serial === now ? 'keeps' : 'changes';
  return { host: name, outcome, decision, why: null };
}
