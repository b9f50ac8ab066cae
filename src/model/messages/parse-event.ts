import type { AgentEvent } from '../command.ts';
import { Failure } from '../failure.ts';
import type { HostName } from '../ids.ts';
import { PROTOCOL } from '../protocol.ts';
import { checked } from './checked.ts';
import { EVENTS } from './events.ts';
import { notKnown } from './not-known.ts';

/**
 * Parses an event that reached the control plane.
 * @param from.host the sender by its credentials; undefined where no other host could have published the
 *   event
 * @param from.protocol of the agent that published it
 * @throws {Failure} `not-implemented`, with both versions, for a type that this release does not know;
 *   `invalid` for a malformed event; `forbidden` for an event about another host
 */
export function parseEvent(
  said: unknown,
  { host, protocol }: { readonly host?: HostName; readonly protocol: number },
): AgentEvent {
  const type = (said as { readonly type?: unknown } | null | undefined)?.type;
  if (typeof type !== 'string') throw refused('it has no type');
  if (!Object.hasOwn(EVENTS, type)) {
    const of = { by: 'control plane', agent: protocol, control: PROTOCOL } as const;
    throw notKnown(`event ${type.slice(0, 64).replace(/[^\x20-\x7e]/g, '?')}`, of);
  }
  const parsed = checked(EVENTS[type as AgentEvent['type']], said);
  if (!parsed.ok) throw refused(parsed.why);
  const event = parsed.value as AgentEvent;
  if (host !== undefined && hostOf(event) !== host)
    throw new Failure('forbidden', `Host ${host} cannot speak for another host.`, {
      operatorText: `Host ${host} published an event about host ${hostOf(event)}; a host may publish only about itself`,
    });
  return event;
}

/** The host that an event is about. */
export function hostOf(event: AgentEvent): HostName {
  return event.type === 'host' ? event.report.name : event.host;
}

function refused(why: string): Failure {
  return new Failure('invalid', 'The compute host published a malformed event.', {
    operatorText: `The event is malformed: ${why}`,
  });
}
