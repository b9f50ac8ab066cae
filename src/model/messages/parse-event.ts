import type { AgentEvent } from '../command.ts';
import { Failure } from '../failure.ts';
import type { HostName } from '../ids.ts';
import { checked } from './checked.ts';
import { EVENTS } from './events.ts';

/**
 * An event as it reached the control plane.
 * @param host who it is by its credentials; undefined where no other host could have published it
 * @throws {Failure} `invalid` when it is malformed, `forbidden` when it speaks of another host
 */
export function parseEvent(said: unknown, host?: HostName): AgentEvent {
  const type = (said as { readonly type?: unknown } | null | undefined)?.type;
  if (typeof type !== 'string' || !Object.hasOwn(EVENTS, type))
    throw refused('it is of a kind that the control plane does not know');
  const parsed = checked(EVENTS[type as AgentEvent['type']], said);
  if (!parsed.ok) throw refused(parsed.why);
  const event = parsed.value as AgentEvent;
  if (host !== undefined && hostOf(event) !== host)
    throw new Failure('forbidden', `Host ${host} cannot speak for another host.`, {
      operatorText: `Host ${host} published an event of host ${hostOf(event)}; a host speaks for itself only`,
    });
  return event;
}

/** Whom an event is about. */
export function hostOf(event: AgentEvent): HostName {
  return event.type === 'host' ? event.report.name : event.host;
}

function refused(why: string): Failure {
  return new Failure('invalid', 'The compute host published a malformed event.', {
    operatorText: `The event is malformed: ${why}`,
  });
}
