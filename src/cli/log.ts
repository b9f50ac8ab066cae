import { createRequire } from 'node:module';
import type { Logger, pino } from 'pino';
import { LOG_EVENTS, type Log } from '../model/log.ts';

/** Options of a service's log. */
export interface LogOptions {
  readonly debug: boolean;
  /** Whether to write one JSON object a line instead of text. */
  readonly json: boolean;
  readonly write: (line: string) => void;
}

/** The log of a process: one line an event. The first one loads pino: a start that goes well logs nothing. */
export function createLog(options: LogOptions): Log {
  let logger: Logger | undefined;
  return (event, fields = {}) => {
    const [level, message] = LOG_EVENTS[event];
    logger ??= openLogger(options);
    logger[level]({ event, ...fields }, message);
  };
}

function openLogger({ debug, json, write }: LogOptions): Logger {
  const load: typeof pino = createRequire(import.meta.url)('pino');
  return load(
    {
      level: debug ? 'debug' : 'info',
      messageKey: 'message',
      timestamp: load.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: json ? write : (line) => write(textOf(JSON.parse(line))) },
  );
}

/** `2026-01-31T18:00:00.000Z WARN nats-lost: NATS connection lost why=closed` */
function textOf({ level, time, event, message, pid, hostname, ...fields }: Record<string, unknown>): string {
  const shown = Object.entries(fields).map(([name, value]) => ` ${name}=${valueText(value)}`);
  return `${time} ${String(level).toUpperCase()} ${event}: ${message}${shown.join('')}\n`;
}

function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w.:/-]+$/.test(text) ? text : JSON.stringify(text);
}
