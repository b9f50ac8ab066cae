import type { ConfigProblem } from './config-error.ts';
import type { ConfigFile } from './files.ts';
import { nearest } from './nearest.ts';
import type { OptionGroup, OptionGroups } from './option.ts';
import type { Surroundings } from './surroundings.ts';

/** The text that an option was given, before substitution. */
export interface WrittenValue {
  readonly text: string;
  /** Where it was given, as a user finds it. */
  readonly where: string;
  /** No substitution: what the machine gave may hold a `$`. */
  readonly literal: boolean;
}

/** By `group.option`. What is unset has none. */
export type WrittenValues = ReadonlyMap<string, WrittenValue>;

/** An option set on the command line. */
export interface Override {
  readonly group: string;
  readonly option: string;
  readonly text: string;
  /** As the user typed it: `--listen`. */
  readonly flag: string;
}

interface Given {
  readonly groups: OptionGroups;
  readonly files: readonly ConfigFile[];
  readonly surroundings: Surroundings;
  readonly overrides: readonly Override[];
}

/**
 * Picks for each option the text that wins: command line, then environment (`OS_<GROUP>__<OPTION>`), then the
 * last file and in it the last line, then the default. The order is oslo.config's (`cfg.py` `_do_get`). What
 * nothing reads is returned as a warning: oslo.config is silent there, and so hides every typing error.
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
