import type { AgentEvent } from '../../model/command.ts';

/**
 * Converts an event to the field names of release 0.1, so that agents and replicas of both releases
 * understand it.
 */
export function eventToWire(event: AgentEvent): Readonly<Record<string, unknown>> {
  if (event.type === 'inventory') return { news: 'held', host: event.host, held: event.servers };
  const { type, ...rest } = event;
  return { news: type, ...rest };
}

/**
 * Converts a received event to the field names of the code. The result is unchecked: `parseEvent` parses it.
 */
export function eventFromWire(wire: unknown): unknown {
  if (typeof wire !== 'object' || wire === null || Array.isArray(wire)) return wire;
  const { news, held, ...rest } = wire as Readonly<Record<string, unknown>>;
  return news === 'held' ? { ...rest, type: 'inventory', servers: held } : { ...rest, type: news };
}
