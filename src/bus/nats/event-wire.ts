import type { AgentEvent } from '../../model/command.ts';

/**
 * An event as it travels over NATS, in the field names of release 0.1: they stay, so that agents and replicas
 * of both understand it.
 */
export function eventToWire(event: AgentEvent): Readonly<Record<string, unknown>> {
  if (event.type === 'inventory') return { news: 'held', host: event.host, held: event.servers };
  const { type, ...rest } = event;
  return { news: type, ...rest };
}

/**
 * What reached the control plane, in the field names of the code. It has not been parsed: `parseEvent` does
 * that.
 */
export function eventFromWire(wire: unknown): unknown {
  if (typeof wire !== 'object' || wire === null || Array.isArray(wire)) return wire;
  const { news, held, ...rest } = wire as Readonly<Record<string, unknown>>;
  return news === 'held' ? { ...rest, type: 'inventory', servers: held } : { ...rest, type: news };
}
