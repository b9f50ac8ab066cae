import type { Log } from '../main.ts';

/** A log for people and journals: time, level, message and fields on one line of standard error. */
export function createLog(options: { readonly debug: boolean }): Log {
  return (level, message, fields = {}) => {
    if (level === 'debug' && !options.debug) return;
    const said = Object.entries(fields).map(([name, value]) => ` ${name}=${shown(value)}`);
    process.stderr.write(`${new Date().toISOString()} ${level.toUpperCase()} ${message}${said.join('')}\n`);
  };
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w.:/-]+$/.test(text) ? text : JSON.stringify(text);
}
