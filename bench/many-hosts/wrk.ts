import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** GETs in turn, over and over, by so many clients at once. */
export interface ReadJob {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly paths: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly clients: number;
  readonly seconds: number;
  /** On which it is sent from, as taskset lists them. */
  readonly cores: string;
}

export interface ReadResult {
  readonly answers: number;
  readonly perSecond: number;
}

/**
 * Runs a load with wrk (https://github.com/wg/wrk), whose CPU for a request is a half to a quarter of that of
 * a load generator on Node.
 * @throws {Error} when any answer was not a good one, or Debian's package `wrk` is not installed
 */
export async function runWrk({
  origin,
  paths,
  headers,
  clients,
  seconds,
  cores,
}: ReadJob): Promise<ReadResult> {
  const folder = await mkdtemp(join(tmpdir(), 'nameplate-wrk-'));
  try {
    const script = join(folder, 'reads.lua');
    await writeFile(script, scriptOf(paths, headers));
    const load = ['--threads', '1', '--connections', `${clients}`, '--duration', `${seconds}s`];
    const wrk = ['wrk', ...load, '--timeout', '20s', '--script', script, origin];
    const { stdout } = await run('taskset', ['-c', cores, ...wrk]);
    const [answers = 0, micros = 0, errors = 0] = (/^counted (.*)$/m.exec(stdout)?.[1] ?? '')
      .split(' ')
      .map(Number);
    if (errors > 0 || answers === 0) throw new Error(`answers that were not good: ${stdout}`);
    return { answers, perSecond: (answers * 1e6) / micros };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The requests are written once, before the load begins. */
function scriptOf(paths: readonly string[], headers: ReadJob['headers']): string {
  const lines = Object.entries(headers).map(
    ([name, value]) => `  wrk.headers[${quoted(name)}] = ${quoted(value)}`,
  );
  return `local requests, at = {}, 0
function init()
${lines.join('\n')}
  for _, path in ipairs({${paths.map(quoted).join(',')}}) do requests[#requests + 1] = wrk.format("GET", path) end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary)
  local e = summary.errors
  print(string.format("counted %d %d %d", summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout))
end
`;
}

/** Letters that JSON escapes, Lua escapes alike. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
