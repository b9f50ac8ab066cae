import type { ComputeHost } from '../model/host.ts';
import type { HostName } from '../model/ids.ts';
import type { SerialDecision } from '../model/serial.ts';
import { decideSerial, type SerialDecisionInput } from './decision.ts';
import { type ReportedHost, reportedHostIdentity } from './host-identity.ts';
import { ownSerialObstacle } from './own-serial.ts';
import { demandsOwnSerial } from './policy.ts';

/** What a host reports that a preview needs. */
export type PreviewedHost = ReportedHost & Pick<ComputeHost, 'features'>;

/** What would become of a guest's serial on a host, the next time that it is defined there. */
export interface PreviewedMove {
  readonly host: HostName;
  /** `gives`: the guest has none yet that could be kept or changed. `refuses`: the host cannot give what it must have. */
  readonly outcome: 'keeps' | 'changes' | 'gives' | 'refuses';
  /** null where the host refuses */
  readonly decision: SerialDecision | null;
  /** Why it refuses, as a sentence. */
  readonly why: string | null;
}

/**
 * What a move to each of the hosts would do to a guest's serial: by the very function that decides it, with the identities that the hosts last
 * reported. Cold migration, resize, evacuation and a hard boot have that effect at once, a live migration at the next hard boot after it.
 * @param now the serial that the guest has: null for none, undefined when it was never started
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
