import type { Verb } from '../../model/command.ts';
import { Failure } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import { inabilityOf, isSpecial } from '../../model/messages/agent-ability.ts';
import type { Store } from '../../store/promise/store.ts';

/**
 * Before a command is sent that not every agent can carry out: an agent of release 0.1 would not refuse it in
 * words, and the agent of a host may have become another since the operation began.
 * @throws {Failure} `not-implemented`, with both protocol versions
 */
export async function checkAbility(store: Pick<Store, 'hosts'>, host: HostName, verb: Verb): Promise<void> {
  if (!isSpecial(verb)) return;
  const agent = await store.hosts.find(host);
  const inability = agent === undefined ? undefined : inabilityOf(agent, [verb]);
  if (inability !== undefined) throw new Failure('not-implemented', inability);
}
