import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ConfigSource } from '../config/files.ts';
import type { Override } from '../config/written.ts';
import { Failure } from '../model/failure.ts';

export const HELP = `Usage: nameplate start [OPTIONS]

Runs the Identity, Image and Compute APIs, the store and the agent of this host in one process.

Options:
  --state-dir DIR       where everything is kept           [$XDG_STATE_HOME/nameplate]
  --listen HOST:PORT    where the APIs listen              [127.0.0.1:8774]
  --driver DRIVER       libvirt: real guests; simulated: none, for trying clients and for load   [libvirt]
  --config-file FILE    a file in nova.conf's format; may be given several times
  --config-dir DIR      a folder of such files, *.conf
  -h, --help            this text
  -v, --version         the version

Every option of the configuration is in docs/configuration.md.
`;

/** What the command line asks for. */
export type Arguments =
  | { readonly command: 'help' }
  | { readonly command: 'version' }
  | {
      readonly command: 'start';
      readonly sources: readonly ConfigSource[];
      readonly overrides: readonly Override[];
    };

const OPTIONS = {
  'state-dir': { type: 'string' },
  listen: { type: 'string' },
  driver: { type: 'string' },
  'config-file': { type: 'string', multiple: true },
  'config-dir': { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/**
 * Reads the command line. Pure but for the current folder, against which paths are resolved.
 * @throws {Failure} `invalid`, naming what is not understood
 */
export function parseArguments(words: readonly string[]): Arguments {
  const { values, positionals, tokens } = parse(words);
  if (values.help) return { command: 'help' };
  if (values.version) return { command: 'version' };
  const [command = 'start', ...more] = positionals;
  if (command !== 'start' || more.length > 0)
    throw new Failure('invalid', `'${[...positionals].join(' ')}' is no command; accepted is: start`);
  const sources: ConfigSource[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option' || token.value === undefined) continue;
    if (token.name === 'config-file') sources.push({ kind: 'file', path: resolve(token.value) });
    if (token.name === 'config-dir') sources.push({ kind: 'directory', path: resolve(token.value) });
  }
  const overrides: Override[] = [];
  const override = (flag: keyof typeof values, group: string, option: string, text = values[flag]) => {
    if (typeof text === 'string')
      overrides.push({ group, option, text: text.replaceAll('$', '$$$$'), flag: `--${flag}` });
  };
  override('state-dir', 'DEFAULT', 'state_path', values['state-dir'] && resolve(values['state-dir']));
  override('listen', 'nameplate', 'listen');
  override('driver', 'nameplate', 'driver');
  return { command: 'start', sources, overrides };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true, tokens: true });
  } catch (error) {
    throw new Failure(
      'invalid',
      (error as Error).message.split('. To specify')[0] ?? 'the command line is not understood',
    );
  }
}
