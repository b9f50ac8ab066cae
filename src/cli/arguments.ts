import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ConfigSource } from '../config/files.ts';
import type { Override } from '../config/written.ts';
import { Failure } from '../model/failure.ts';

/** The sources of the configuration. */
export interface ConfigArguments {
  readonly sources: readonly ConfigSource[];
  readonly overrides: readonly Override[];
}

export interface BusInit {
  readonly dir: string;
  readonly dataDir: string | null;
  readonly listen: string | undefined;
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly tlsCa: string | null;
}

export interface DbArguments extends ConfigArguments {
  /** Unparsed: the command refuses a malformed value with nova-manage's exit status. */
  readonly before: string | undefined;
  readonly maxRows: string | undefined;
  readonly all: boolean;
  readonly untilComplete: boolean;
  readonly dryRun: boolean;
  readonly verbose: boolean;
  readonly to: string | undefined;
}

export interface OperationListArguments extends ConfigArguments {
  readonly server: string | undefined;
  readonly state: string | undefined;
  readonly kind: string | undefined;
  readonly since: string | undefined;
  readonly limit: string | undefined;
}

export interface IdentityArguments extends ConfigArguments {
  readonly server: string;
  /** For a preview: the one host; undefined: all. */
  readonly host: string | undefined;
}

export interface BackupArguments extends ConfigArguments {
  /** The path of the file to write. Undefined: a file in the state directory. */
  readonly to: string | undefined;
  /** Whether to replace an existing file. */
  readonly force: boolean;
}

export interface RestoreArguments extends ConfigArguments {
  readonly from: string;
  /** Whether to replace an existing database. */
  readonly force: boolean;
}

export interface HostArguments extends ConfigArguments {
  readonly host: string;
  readonly dir: string;
}

/** The options of a command as commander parsed them, by their names in camel case. */
export interface ParsedOptions {
  /** Files and folders in their order. Both options share one list. */
  readonly configFile?: readonly ConfigSource[];
  readonly configDir?: readonly ConfigSource[];
  readonly stateDir?: string;
  readonly listen?: string;
  readonly driver?: string;
  readonly server?: string;
  readonly state?: string;
  readonly kind?: string;
  readonly since?: string;
  readonly limit?: string;
  readonly host?: string;
  readonly dir?: string;
  readonly dataDir?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsCa?: string;
  readonly before?: string;
  readonly maxRows?: string;
  /** nova-manage's spelling. */
  readonly max_rows?: string;
  readonly all?: boolean;
  readonly untilComplete?: boolean;
  readonly dryRun?: boolean;
  readonly verbose?: boolean;
  readonly to?: string;
  readonly from?: string;
  readonly force?: boolean;
}

export function configArguments(options: ParsedOptions): ConfigArguments {
  const overrides: Override[] = [];
  const override = (flag: string, [group, option]: readonly [string, string], text: string | undefined) => {
    if (text !== undefined) overrides.push({ group, option, text: text.replaceAll('$', '$$$$'), flag });
  };
  override('--state-dir', ['DEFAULT', 'state_path'], options.stateDir && resolve(options.stateDir));
  override('--listen', ['nameplate', 'listen'], options.listen);
  override('--driver', ['nameplate', 'driver'], options.driver);
  return { sources: options.configFile ?? options.configDir ?? [], overrides };
}

/** @throws {Failure} `invalid` when only one of certificate and key is set */
export function busArguments(options: ParsedOptions): BusInit {
  return {
    ...{ dir: resolve(options.dir ?? ''), dataDir: pathOf(options.dataDir), listen: options.listen },
    ...{ tls: tlsOf(options), tlsCa: pathOf(options.tlsCa) },
  };
}

/** The arguments of a command that names a host. */
export function hostArguments(command: Command): HostArguments {
  const options = command.opts<ParsedOptions>();
  return { host: command.args[0] ?? '', dir: resolve(options.dir ?? ''), ...configArguments(options) };
}

export function dbArguments(options: ParsedOptions): DbArguments {
  return {
    before: options.before,
    maxRows: options.maxRows ?? options.max_rows,
    all: options.all ?? false,
    untilComplete: options.untilComplete ?? false,
    dryRun: options.dryRun ?? false,
    verbose: options.verbose ?? false,
    to: pathOf(options.to) ?? undefined,
    ...configArguments(options),
  };
}

export function identityArguments(command: Command): IdentityArguments {
  const { host } = command.opts<ParsedOptions>();
  return { server: command.args[0] ?? '', host, ...configArguments(command.opts()) };
}

export function operationListArguments(options: ParsedOptions): OperationListArguments {
  const { server, state, kind, since, limit } = options;
  return { server, state, kind, since, limit, ...configArguments(options) };
}

export function backupArguments(options: ParsedOptions): BackupArguments {
  return {
    ...{ to: pathOf(options.to) ?? undefined, force: options.force ?? false },
    ...configArguments(options),
  };
}

export function restoreArguments(options: ParsedOptions): RestoreArguments {
  return {
    ...{ from: resolve(options.from ?? ''), force: options.force ?? false },
    ...configArguments(options),
  };
}

function tlsOf({ tlsCert: cert, tlsKey: key }: ParsedOptions): BusInit['tls'] {
  if (cert === undefined && key === undefined) return null;
  if (cert !== undefined && key !== undefined) return { cert: resolve(cert), key: resolve(key) };
  throw new Failure('invalid', '--tls-cert and --tls-key go together: one of them is missing');
}

function pathOf(written: string | undefined): string | null {
  return written === undefined ? null : resolve(written);
}
