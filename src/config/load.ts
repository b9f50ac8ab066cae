import { existsSync } from 'node:fs';
import { ConfigError, type ConfigProblem, shown } from './config-error.ts';
import { type Config, declaredGroups } from './declared.ts';
import { type ConfigSource, readConfigFiles } from './files.ts';
import type { ConfigOf, Option, OptionGroups } from './option.ts';
import { brokenRules } from './rules.ts';
import { substituted } from './substitution.ts';
import { type Surroundings, surroundingsOfThisProcess } from './surroundings.ts';
import type { Parsed } from './types.ts';
import { collectWritten, type Override, type WrittenValues } from './written.ts';

/** The sources of settings. */
export interface LoadRequest {
  /**
   * Files and folders in the order of the command line; later ones take precedence. By default
   * `/etc/nameplate/*.conf`, if it exists. Nova's default files (`~/.nova`, `/etc/nova`, …) are read only if
   * they are named: on a machine with a Nova they have that service's database and host name, which
   * Nameplate must never use by accident.
   */
  readonly sources?: readonly ConfigSource[];
  readonly overrides?: readonly Override[];
  /** By default those of the running process. */
  readonly surroundings?: Surroundings;
}

/** Validated settings. */
export interface LoadedConfig<Loaded> {
  readonly config: Loaded;
  /**
   * Entries of files or environment that have no effect: typing errors, or options of Nova that Nameplate
   * does not use.
   */
  readonly warnings: readonly ConfigProblem[];
  /** The files that were read, in order. */
  readonly files: readonly string[];
}

/**
 * Loads Nameplate's configuration. It validates every value at once, whereas oslo.config finds a bad value
 * only when it is first read.
 * @throws ConfigError with all problems and their places
 */
export function loadConfig(request: LoadRequest = {}): LoadedConfig<Config> {
  const { written, ...loaded } = load(declaredGroups, request);
  const problems = brokenRules(loaded.config).map(({ group, option, what }) => ({
    where: written.get(`${group}.${option}`)?.where ?? 'default',
    what: `[${group}] ${option} ${what}`,
  }));
  if (problems.length > 0) throw new ConfigError(problems);
  return loaded;
}

function load<Groups extends OptionGroups>(
  groups: Groups,
  request: LoadRequest,
): LoadedConfig<ConfigOf<Groups>> & { readonly written: WrittenValues } {
  const surroundings = request.surroundings ?? surroundingsOfThisProcess();
  const sources = request.sources?.length ? request.sources : defaultSources(surroundings);
  const files = readConfigFiles(sources, surroundings.homeDirectory);
  const overrides = request.overrides ?? [];
  const { written, warnings } = collectWritten({ groups, files, surroundings, overrides });
  const config = parseAll(groups, written);
  return { config: config as ConfigOf<Groups>, warnings, files: files.map((file) => file.path), written };
}

function defaultSources(surroundings: Surroundings): ConfigSource[] {
  const path = surroundings.defaultConfigDirectory;
  return existsSync(path) ? [{ kind: 'directory', path }] : [];
}

function parseAll(groups: OptionGroups, written: WrittenValues): Record<string, Record<string, unknown>> {
  const problems: ConfigProblem[] = [];
  const config: Record<string, Record<string, unknown>> = {};
  for (const [group, { options }] of Object.entries(groups)) {
    const values: Record<string, unknown> = {};
    for (const [name, option] of Object.entries(options)) {
      const text = substituted({ group, option: name }, { groups, written });
      const parsed = parseOne(text, option);
      if ('value' in parsed) values[name] = parsed.value;
      else {
        const where = written.get(`${group}.${name}`)?.where ?? `[${group}] ${name}`;
        problems.push({ where, what: refusal({ group, name, option, text, why: parsed.refused }) });
      }
    }
    config[group] = values;
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function parseOne(text: Parsed<string> | undefined, option: Option<unknown>): Parsed<unknown> {
  if (text === undefined) return { value: undefined };
  if ('refused' in text) return text;
  if (text.value === '' && option.optional) return { value: undefined };
  return option.type.parse(text.value);
}

interface Refusal {
  readonly group: string;
  readonly name: string;
  readonly option: Option<unknown>;
  readonly text: Parsed<string> | undefined;
  readonly why: string;
}

/** The error text for a value. It shows nothing of a secret. */
function refusal({ group, name, option, text, why }: Refusal): string {
  if (option.secret) {
    const why = `accepted is ${option.type.accepts}, and $$ for a plain $`;
    return `[${group}] ${name} has a value that is not accepted (not shown, it may hold a password): ${why}`;
  }
  const value = text !== undefined && 'value' in text ? ` = ${shown(text.value)}` : '';
  return `[${group}] ${name}${value} is not accepted: ${why}`;
}
