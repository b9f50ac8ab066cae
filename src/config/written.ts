import type { ConfigProblem } from './config-error.ts';
import type { ConfigFile } from './files.ts';
import { nearest } from './nearest.ts';
import type { OptionGroup, OptionGroups } from './option.ts';
import type { Surroundings } from './surroundings.ts';

/** The text of an option before substitution. */
export interface WrittenValue {
  readonly text: string;
  /** The place of the text, for the user. */
  readonly where: string;
  /** Whether to skip substitution: values from the machine may contain a `$`. */
  readonly literal: boolean;
}

/** Texts by `group.option`. Unset options are absent. */
export type WrittenValues = ReadonlyMap<string, WrittenValue>;

/** An option set on the command line. */
export interface Override {
  readonly group: string;
  readonly option: string;
  readonly text: string;
  /** In the user's spelling: `--listen`. */
  readonly flag: string;
}

interface Given {
  readonly groups: OptionGroups;
  readonly files: readonly ConfigFile[];
  readonly surroundings: Surroundings;
  readonly overrides: readonly Override[];
}

/**
 * Chooses the text of each option: from the command line, then the environment (`OS_<GROUP>__<OPTION>`),
 * then the last line of the last file, then the default. This is oslo.config's order (`cfg.py` `_do_get`).
 * Entries that no option reads become warnings; oslo.config ignores them, which hides typing errors.
 */
export function collectWritten(given: Given): { written: WrittenValues; warnings: ConfigProblem[] } {
  const written = new Map<string, WrittenValue>();
  const warnings: ConfigProblem[] = [];
  for (const [group, { options }] of Object.entries(given.groups)) {
    for (const [name, option] of Object.entries(options)) {
      const value = defaultOf(option.default, given.surroundings, `default of [${group}] ${name}`);
      if (value !== undefined) written.set(`${group}.${name}`, value);
    }
  }
  for (const file of given.files) addFile(file, given.groups, written, warnings);
  addEnvironment(given, written, warnings);
  for (const { group, option, text, flag } of given.overrides) {
    written.set(`${group}.${option}`, { text, where: `command line ${flag}`, literal: false });
  }
  return { written, warnings };
}

function defaultOf(
  declared: OptionGroup['options'][string]['default'],
  surroundings: Surroundings,
  where: string,
): WrittenValue | undefined {
  if (declared === undefined) return undefined;
  if (typeof declared === 'string') return { text: declared, where, literal: false };
  return { text: declared.compute(surroundings), where, literal: true };
}

function addFile(
  file: ConfigFile,
  groups: OptionGroups,
  written: Map<string, WrittenValue>,
  warnings: ConfigProblem[],
): void {
  const strangers = new Set<string>();
  for (const { section, sectionAsWritten, key, value, line } of file.assignments) {
    const where = `${file.path}:${line}`;
    const group = own(groups, section);
    if (group !== undefined && own(group.options, key) !== undefined) {
      written.set(`${section}.${key}`, { text: value, where, literal: false });
    } else if (group !== undefined) {
      warnings.push({ where, what: unknownOption(groups, section, key) });
    } else if (!strangers.has(section)) {
      strangers.add(section);
      warnings.push({ where, what: unknownSection(groups, sectionAsWritten) });
    }
  }
}

function addEnvironment(given: Given, written: Map<string, WrittenValue>, warnings: ConfigProblem[]): void {
  for (const [group, { options }] of Object.entries(given.groups)) {
    const prefix = `OS_${group.toUpperCase()}__`;
    for (const [variable, text] of Object.entries(given.surroundings.environment)) {
      if (!variable.startsWith(prefix) || text === undefined) continue;
      const option = Object.keys(options).find((name) => `${prefix}${name.toUpperCase()}` === variable);
      const where = `environment ${variable}`;
      if (option !== undefined) written.set(`${group}.${option}`, { text, where, literal: false });
      else warnings.push({ where, what: unknownOption(given.groups, group, variable.slice(prefix.length)) });
    }
  }
}

function unknownOption(groups: OptionGroups, section: string, key: string): string {
  const meant = key.toLowerCase().replaceAll('-', '_');
  const here = Object.keys(groups[section]?.options ?? {});
  const elsewhere = Object.keys(groups).find((name) => own(groups[name]?.options ?? {}, meant) !== undefined);
  const near = nearest(meant, here);
  let hint = '';
  if (near === meant) hint = `: it is written ${near}`;
  else if (elsewhere !== undefined) hint = `: ${meant} belongs to [${elsewhere}]`;
  else if (near !== undefined) hint = `: did you mean ${near}?`;
  return `nothing reads [${section}] ${key}, it is ignored${hint}`;
}

function unknownSection(groups: OptionGroups, sectionAsWritten: string): string {
  if (sectionAsWritten.trim().toUpperCase() === 'DEFAULT') {
    return `nothing reads [${sectionAsWritten}], it is ignored: this one section is written [DEFAULT], in capitals`;
  }
  const near = nearest(sectionAsWritten.trim().toLowerCase(), Object.keys(groups));
  const hint = near === undefined ? '' : `: did you mean [${near}]?`;
  return `nothing reads [${sectionAsWritten}], it is ignored${hint}`;
}

function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
