import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ConfigSource } from '../config/files.ts';
import type { Override } from '../config/written.ts';
import { Failure } from '../model/failure.ts';

export const HELP = `Usage: nameplate COMMAND [OPTIONS]

Commands:
  start                 everything in one process: the APIs, the store and the agent of this host   [the default]
  serve                 a replica of the control plane: the APIs and the operations; needs NATS
  agent                 the agent of this compute host; needs NATS and no database
  bus init              writes the configuration of a NATS server and the control plane's credentials to --dir
  host add NAME         issues the credentials of a compute host's agent, from --dir
  host remove NAME      revokes them, and disconnects who uses them
  host list             the compute hosts that have reported
  db archive            moves rows of deleted servers and of what was done to servers from the database to a file
  db purge              removes such rows for good, and gives their space back; needs --before or --all

Options of start, serve, agent, host list, host remove and db:
  --config-file FILE    a file in nova.conf's format; may be given several times
  --config-dir DIR      a folder of such files, *.conf
  --state-dir DIR       where everything is kept           [$XDG_STATE_HOME/nameplate]
  --listen HOST:PORT    where the APIs listen              [127.0.0.1:8774]
  --driver DRIVER       libvirt: real guests; simulated: none, for trying clients and for load   [libvirt]

Options of bus and host:
  --dir DIR             where the keys are that sign credentials
  --data-dir DIR        where NATS keeps what it keeps     [data below --dir]
  --listen HOST:PORT    where NATS is to listen            [127.0.0.1:4222]
  --tls-cert FILE, --tls-key FILE   the NATS server's certificate and its key, PEM
  --tls-ca FILE         the authority that signed it, for those who connect

Options of db, as nova-manage has them (docs/database.md says what goes, what stays, and the exit statuses):
  --before DATE         only rows that were last changed before then, as 2026-01-31 or 2026-01-31T18:00
  --all                 db purge: without regard to their age
  --max-rows N          the most rows that are removed     [db archive: 1000; db purge: no limit]
  --until-complete      db archive: all of them, however many
  --to FILE             db archive: where the rows are written, a JSON object a line   [archive/ in the state directory]
  --dry-run             says how many rows there are, and removes none
  --verbose             how many rows of each table

  -h, --help            this text
  -v, --version         the version

Every option of the configuration is in docs/configuration.md, the way to many hosts in docs/many-hosts.md.
`;

/** Where configuration comes from. */
export interface ConfigArguments {
  readonly sources: readonly ConfigSource[];
  readonly overrides: readonly Override[];
}

/** What the command line asks for. */
export type Arguments =
  | { readonly command: 'help' }
  | { readonly command: 'version' }
  | ({ readonly command: 'start' | 'serve' | 'agent' | 'host list' } & ConfigArguments)
  | BusInit
  | ({ readonly command: 'host add' | 'host remove' } & HostArguments)
  | DbArguments;

export interface BusInit {
  readonly command: 'bus init';
  readonly dir: string;
  readonly dataDir: string | null;
  readonly listen: string | undefined;
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly tlsCa: string | null;
}

export interface DbArguments extends ConfigArguments {
  readonly command: 'db archive' | 'db purge';
  /** As they are written: the command refuses them with the status that nova-manage has for it. */
  readonly before: string | undefined;
  readonly maxRows: string | undefined;
  readonly all: boolean;
  readonly untilComplete: boolean;
  readonly dryRun: boolean;
  readonly verbose: boolean;
  readonly to: string | undefined;
}

export interface HostArguments extends ConfigArguments {
  readonly host: string;
  readonly dir: string;
}

const OPTIONS = {
  'state-dir': { type: 'string' },
  listen: { type: 'string' },
  driver: { type: 'string' },
  'config-file': { type: 'string', multiple: true },
  'config-dir': { type: 'string', multiple: true },
  dir: { type: 'string' },
  'data-dir': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-ca': { type: 'string' },
  before: { type: 'string' },
  all: { type: 'boolean' },
  'max-rows': { type: 'string' },
  // nova-manage writes it so.
  max_rows: { type: 'string' },
  'until-complete': { type: 'boolean' },
  to: { type: 'string' },
  'dry-run': { type: 'boolean' },
  verbose: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

const CONFIG_OPTIONS = ['state-dir', 'listen', 'driver', 'config-file', 'config-dir'];
const DB_OPTIONS = ['before', 'max-rows', 'max_rows', 'dry-run', 'verbose', ...CONFIG_OPTIONS];
const COMMANDS = {
  start: { words: 1, options: CONFIG_OPTIONS },
  serve: { words: 1, options: CONFIG_OPTIONS },
  agent: { words: 1, options: CONFIG_OPTIONS },
  'bus init': { words: 2, options: ['dir', 'data-dir', 'listen', 'tls-cert', 'tls-key', 'tls-ca'] },
  'host add': { words: 3, options: ['dir'] },
  'host remove': { words: 3, options: ['dir', ...CONFIG_OPTIONS] },
  'host list': { words: 2, options: CONFIG_OPTIONS },
  'db archive': { words: 2, options: ['until-complete', 'to', ...DB_OPTIONS] },
  'db purge': { words: 2, options: ['all', ...DB_OPTIONS] },
} as const satisfies Record<string, { words: number; options: readonly string[] }>;

type CommandName = keyof typeof COMMANDS;

/**
 * Reads the command line. Pure but for the current folder, against which paths are resolved.
 * @throws {Failure} `invalid`, naming what is not understood
 */
export function parseArguments(words: readonly string[]): Arguments {
  const { values, positionals, tokens } = parse(words);
  if (values.help) return { command: 'help' };
  if (values.version) return { command: 'version' };
  const command = commandOf(positionals);
  for (const token of tokens)
    if (token.kind === 'option' && !(COMMANDS[command].options as readonly string[]).includes(token.name))
      throw new Failure('invalid', `${token.rawName} is no option of nameplate ${command}`);
  const config = { sources: sourcesOf(tokens), overrides: overridesOf(values) };
  const dir = () => needed(values, 'dir', command);
  switch (command) {
    case 'bus init':
      return {
        ...{ command, dir: dir(), listen: values.listen, tls: tlsOf(values) },
        dataDir: pathOf(values['data-dir']),
        tlsCa: pathOf(values['tls-ca']),
      };
    case 'host add':
    case 'host remove':
      return { command, host: positionals[2] ?? '', dir: dir(), ...config };
    case 'db archive':
    case 'db purge':
      return { command, ...dbOf(values), ...config };
    default:
      return { command, ...config };
  }
}

type Values = ReturnType<typeof parse>['values'];
type Tokens = ReturnType<typeof parse>['tokens'];

function commandOf(positionals: readonly string[]): CommandName {
  if (positionals.length === 0) return 'start';
  const said = positionals.join(' ');
  for (const [command, { words }] of Object.entries(COMMANDS))
    if (positionals.length === words && (said === command || said.startsWith(`${command} `)))
      return command as CommandName;
  const accepted = Object.entries(COMMANDS).map(([name, { words }]) => (words === 3 ? `${name} NAME` : name));
  throw new Failure('invalid', `'${said}' is no command; accepted is: ${accepted.join(', ')}`);
}

function sourcesOf(tokens: Tokens): ConfigSource[] {
  const sources: ConfigSource[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option' || token.value === undefined) continue;
    if (token.name === 'config-file') sources.push({ kind: 'file', path: resolve(token.value) });
    if (token.name === 'config-dir') sources.push({ kind: 'directory', path: resolve(token.value) });
  }
  return sources;
}

function overridesOf(values: Values): Override[] {
  const overrides: Override[] = [];
  const override = (flag: keyof Values, group: string, option: string, text = values[flag]) => {
    if (typeof text === 'string')
      overrides.push({ group, option, text: text.replaceAll('$', '$$$$'), flag: `--${flag}` });
  };
  override('state-dir', 'DEFAULT', 'state_path', values['state-dir'] && resolve(values['state-dir']));
  override('listen', 'nameplate', 'listen');
  override('driver', 'nameplate', 'driver');
  return overrides;
}

function dbOf(values: Values): Omit<DbArguments, 'command' | keyof ConfigArguments> {
  return {
    before: values.before,
    maxRows: values['max-rows'] ?? values.max_rows,
    all: values.all ?? false,
    untilComplete: values['until-complete'] ?? false,
    dryRun: values['dry-run'] ?? false,
    verbose: values.verbose ?? false,
    to: pathOf(values.to) ?? undefined,
  };
}

function tlsOf(values: Values): { cert: string; key: string } | null {
  const { 'tls-cert': cert, 'tls-key': key } = values;
  if (cert === undefined && key === undefined) return null;
  if (cert !== undefined && key !== undefined) return { cert: resolve(cert), key: resolve(key) };
  throw new Failure('invalid', '--tls-cert and --tls-key go together: one of them is missing');
}

function pathOf(written: string | undefined): string | null {
  return written === undefined ? null : resolve(written);
}

function needed(values: Values, name: 'dir', command: string): string {
  const value = values[name];
  if (value === undefined) throw new Failure('invalid', `nameplate ${command} needs --${name}`);
  return resolve(value);
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
