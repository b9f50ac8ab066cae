import type { Verb } from '../../model/command.ts';
import { Failure, type FailureKind } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import { requireAble } from '../../model/messages/agent-ability.ts';
import type { Server } from '../../model/server.ts';
import type { BeginContext } from '../engine/beginning.ts';
import type { HostInput } from '../placement/scheduling.ts';

/** How a destination is refused, in Nova's sentences, which differ from action to action. */
interface DestinationRules {
  readonly unknown: readonly [kind: FailureKind, sentence: (host: string) => string];
  /** The server is on that host already. */
  readonly same: (server: Pick<Server, 'id'>, host: string) => string;
  /** Commands that the destination's agent must be able to carry out. */
  readonly asks: readonly Verb[];
}

/** Nova's usual refusal of a host that it does not know. */
export const UNKNOWN_HOST = {
  unknown: ['invalid', (host: string) => `Compute host ${host} could not be found.`],
} as const;

/**
 * Checks that the host which a request names as the destination is not the server's own, is known, and can
 * carry out the commands.
 * @throws {Failure} `invalid`, or the kind of `unknown`
 */
export async function requireOtherHost(
  { tx, server, request: { host } }: Pick<BeginContext<HostInput>, 'tx' | 'server' | 'request'>,
  { unknown: [kind, sentence], same, asks }: DestinationRules,
): Promise<void> {
  if (host === null) return;
  if (host === server.host) throw new Failure('invalid', same(server, host));
  const agent = await tx.hosts.find(host as HostName);
  if (agent === undefined) throw new Failure(kind, sentence(host));
  requireAble(agent, { asks, kind: 'invalid' });
}
