import type { Verb } from '../command.ts';
import { Failure, type FailureKind } from '../failure.ts';
import { FEATURES, type Feature } from '../feature.ts';
import type { ComputeHost } from '../host.ts';
import { areNeighbours, describeProtocols, FIRST_PROTOCOL, PROTOCOL, protocolOf } from '../protocol.ts';
import type { VerbNeeds } from './verb.ts';
import { VERBS } from './verbs.ts';

/** What the control plane knows of an agent before it sends a command. */
export type KnownAgent = Pick<ComputeHost, 'name' | 'protocol' | 'version' | 'features'>;

/**
 * Why the agent of a host cannot carry out these verbs, as a sentence that names both versions; undefined
 * when it can. Pure.
 * @param table the needs of each verb; by default those of this release
 */
export function inabilityOf(
  agent: KnownAgent,
  verbs: readonly Verb[],
  table: Readonly<Record<Verb, VerbNeeds>> = VERBS,
): string | undefined {
  const { name, version, features } = agent;
  const protocol = protocolOf(agent);
  const both = describeProtocols({ agent: protocol, control: PROTOCOL });
  if (!areNeighbours(protocol, PROTOCOL))
    return `The agent of host ${name} (release ${version}) is not of a neighbouring release: ${both}.`;
  for (const verb of verbs) {
    const { since = FIRST_PROTOCOL, feature } = table[verb];
    if (since > protocol)
      return `The agent of host ${name} (release ${version}) does not know the command ${verb} of protocol ${since}: ${both}.`;
    if (feature !== undefined && !features.includes(feature))
      return `Host ${name} cannot ${FEATURES[feature]}: its agent (release ${version}) does not report the feature ${feature}; ${both}.`;
  }
  return undefined;
}

/**
 * Refuses verbs that the agent of a host cannot carry out.
 * @param agent undefined for a host that has never reported: other checks refuse it
 * @throws {Failure} of the given kind, with both protocol versions
 */
export function requireAble(
  agent: KnownAgent | undefined,
  { asks, kind }: { readonly asks: readonly Verb[]; readonly kind: FailureKind },
): void {
  const inability = agent === undefined ? undefined : inabilityOf(agent, asks);
  if (inability !== undefined) throw new Failure(kind, inability);
}

/** Whether some agents may be unable to carry out a verb. */
export function isSpecial(verb: Verb): boolean {
  const { since = FIRST_PROTOCOL, feature }: { since?: number; feature?: Feature } = VERBS[verb];
  return since > FIRST_PROTOCOL || feature !== undefined;
}
