import type { Command, Reply, Verb } from '../command.ts';
import { Failure } from '../failure.ts';
import type { GuestObservation } from '../guest.ts';
import type { HostName } from '../ids.ts';
import type { SerialDecision } from '../serial.ts';
import { checked } from './checked.ts';
import { VERBS } from './verbs.ts';

/**
 * What a host replied to a command. A host speaks of itself, and of the server it was asked about.
 * @throws {Failure} `internal` when the reply is malformed, or about another host or server
 */
export function parseReply<V extends Verb>(
  host: HostName,
  command: Command & { verb: V },
  said: unknown,
): Reply<V> {
  const { reply } = VERBS[command.verb];
  if (reply === null) return undefined as Reply<V>;
  const parsed = checked(reply, said);
  const why = parsed.ok ? wrongIn(host, command, parsed.value) : parsed.why;
  if (parsed.ok && why === undefined) return parsed.value as Reply<V>;
  throw new Failure('internal', 'The compute host gave an answer that cannot be used.', {
    operatorText: `Host ${host} answered ${command.verb} with a malformed reply: ${why}`,
  });
}

/** What a well-formed reply must not say. */
function wrongIn(host: HostName, command: Command, value: unknown): string | undefined {
  if (command.verb === 'observe')
    return (value as GuestObservation).serverId === command.server ? undefined : 'it is about another server';
  if (command.verb !== 'define') return undefined;
  const decision = value as SerialDecision;
  if (decision.host !== host) return 'its serial was decided for another host';
  const own = decision.serial === command.plan.serverId;
  if (own !== (decision.source === 'server')) return "its serial and that serial's source do not agree";
  return (decision.serial === null) === (decision.source === 'none')
    ? undefined
    : "its serial and that serial's source do not agree";
}
