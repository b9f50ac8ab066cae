import type { AgentNews } from '../command.ts';
import { Failure } from '../failure.ts';
import type { HostName } from '../ids.ts';
import { checked } from './checked.ts';
import { EVENTS } from './events.ts';

/**
 * What a host told unasked.
 * @param host who it is by its credentials; undefined where no other could have told it
 * @throws {Failure} `invalid` when it is malformed, `forbidden` when it speaks of another host
 */
export function parseEvent(said: unknown, host?: HostName): AgentNews {
  const kind = (said as { readonly news?: unknown } | null | undefined)?.news;
  if (typeof kind !== 'string' || !Object.hasOwn(EVENTS, kind))
    throw refused('it is of a kind that the control plane does not know');
  const parsed = checked(EVENTS[kind as AgentNews['news']], said);
  if (!parsed.ok) throw refused(parsed.why);
  const event = parsed.value as AgentNews;
  if (host !== undefined && hostOf(event) !== host)
    throw new Failure('forbidden', `Host ${host} cannot speak for another host.`, {
      operatorText: `Host ${host} told of host ${hostOf(event)}; a host speaks for itself only`,
    });
  return event;
}

/** Whom an event is about. */
export function hostOf(event: AgentNews): HostName {
  return event.news === 'host' ? event.report.name : event.host;
}

function refused(why: string): Failure {
  return new Failure('invalid', 'The compute host told something malformed.', {
    operatorText: `The event is malformed: ${why}`,
  });
}
