import type { Verb } from '../../model/command.ts';
import { Failure, type FailureKind } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import { inabilityOf } from '../../model/messages/agent-ability.ts';
import type { Queries } from '../../store/promise/store.ts';

/**
 * Refuses a request whose operation a host could not carry out. A host that has never reported is left to
 * other checks.
 * @throws {Failure} of the kind that is given, with both protocol versions
 */
export async function requireAble(
  { hosts }: Pick<Queries, 'hosts'>,
  {
    host,
    asks,
    kind,
  }: { readonly host: HostName; readonly asks: readonly Verb[]; readonly kind: FailureKind },
): Promise<void> {
  const agent = await hosts.find(host);
  const inability = agent === undefined ? undefined : inabilityOf(agent, asks);
  if (inability !== undefined) throw new Failure(kind, inability);
}
