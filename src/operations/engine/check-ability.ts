import type { Command, Verb } from '../../model/command.ts';
import type { HostName } from '../../model/ids.ts';
import { isSpecial, requireAble } from '../../model/messages/agent-ability.ts';
import type { Store } from '../../store/promise/store.ts';

/**
 * Before a command is sent that not every agent can carry out: an agent of release 0.1 would not refuse it in
 * words, and the agent of a host may have become another since the operation began.
 * @throws {Failure} `not-implemented`, with both protocol versions
 */
export async function checkAbility(
  store: Pick<Store, 'hosts'>,
  host: HostName,
  command: Command,
): Promise<void> {
  const asks = verbsOf(command).filter(isSpecial);
  if (asks.length === 0) return;
  requireAble(await store.hosts.find(host), { asks, kind: 'not-implemented' });
}

/** A plan with ports asks for what came with them; an older agent does not read that there are none. */
function verbsOf(command: Command): readonly Verb[] {
  return 'plan' in command && (command.plan.ports ?? []).length > 0
    ? [command.verb, 'plug-ports']
    : [command.verb];
}
