import type { Command, Reply, Verb } from '../command.ts';
import { Failure } from '../failure.ts';
import type { GuestObservation } from '../guest.ts';
import type { HostName } from '../ids.ts';
import type { SerialDecision } from '../serial.ts';
import { checked } from './checked.ts';
import { VERBS } from './verbs.ts';

/**
 * Parses a host's reply to a command. A reply must be about this host and the server of the command.
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
  throw new Failure('internal', 'The compute host sent a malformed reply.', {
    operatorText: `Host ${host} answered ${command.verb} with a malformed reply: ${why}`,
  });
}

/** Why a well-formed reply is wrong: it is about another host or server. */
function wrongIn(host: HostName, command: Command, value: unknown): string | undefined {
  if (command.verb === 'observe')
    return (value as GuestObservation).serverId === command.server ? undefined : 'it is about another server';
  if (command.verb !== 'define') return undefined;
  const decision = value as SerialDecision;
  if (decision.host !== host) return 'its serial was decided for another host';
  return agrees(command, decision) ? undefined : "its serial and that serial's source do not agree";
}

function agrees({ plan }: Command<'define'>, { serial, source }: SerialDecision): boolean {
  const given = plan.given?.serial;
  if (given !== undefined) return serial === given && source === (given === null ? 'none' : 'import');
  if (source === 'server' || source === 'none') return serial === (source === 'none' ? null : plan.serverId);
  return source !== 'import' && serial !== null && serial !== plan.serverId;
}
