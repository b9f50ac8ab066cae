import { LOG_EVENTS, type LogEvent } from '../../src/model/log.ts';

/** A logged event as a line: `warn nats-lost {"why":"closed"}`. */
export function logLine(event: LogEvent, fields: object = {}): string {
  return `${LOG_EVENTS[event][0]} ${event} ${JSON.stringify(fields)}`;
}
