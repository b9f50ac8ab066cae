import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { type Assignment, parseIni } from './ini.ts';

/** The argument of `--config-file` or `--config-dir`. */
export type ConfigSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'directory'; readonly path: string };

/** A file that was read. */
export interface ConfigFile {
  readonly path: string;
  readonly assignments: readonly Assignment[];
}

/**
 * Reads files in the given order. Of a folder it reads `*.conf` sorted by name, as oslo.config's
 * `--config-dir` does.
 * @throws ConfigError with every file that is missing, unreadable or malformed
 */
export function readConfigFiles(sources: readonly ConfigSource[], homeDirectory: string): ConfigFile[] {
  const problems: ConfigProblem[] = [];
  const files: ConfigFile[] = [];
  for (const path of sources.flatMap((source) => pathsOf(source, homeDirectory, problems))) {
    try {
      files.push({ path, assignments: parseIni(readText(path), path) });
    } catch (thrown) {
      if (thrown instanceof ConfigError) problems.push(...thrown.problems);
      else problems.push({ where: path, what: `the file cannot be read: ${reason(thrown)}` });
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return files;
}

function pathsOf(source: ConfigSource, homeDirectory: string, problems: ConfigProblem[]): string[] {
  const path = source.path.replace(/^~(?=\/|$)/, () => homeDirectory);
  if (source.kind === 'file') return [path];
  try {
    return readdirSync(path)
      .filter((name) => name.endsWith('.conf') && !name.startsWith('.'))
      .sort()
      .map((name) => join(path, name));
  } catch (thrown) {
    problems.push({ where: path, what: `the folder cannot be read: ${reason(thrown)}` });
    return [];
  }
}

function readText(path: string): string {
  const bytes = readFileSync(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError([
      { where: path, what: 'the file is not text in UTF-8, which is what is accepted' },
    ]);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder; name a folder with --config-dir',
  ENOTDIR: 'it is not a folder; name a file with --config-file',
};

function reason(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return REASONS[code] ?? (thrown instanceof Error ? thrown.message : String(thrown));
}
