import { ConfigError, type ConfigProblem, shown } from './config-error.ts';

/** A `key = value` of a file. A key that is set twice gives two assignments, in order. */
export interface Assignment {
  /** The section's name in the form for comparison: lower case, except `DEFAULT`. */
  readonly section: string;
  readonly sectionAsWritten: string;
  readonly key: string;
  /** Continuation lines are joined with a newline. */
  readonly value: string;
  /** Line of the key, from 1. */
  readonly line: number;
}

interface OpenAssignment {
  readonly key: string;
  readonly lines: string[];
  readonly line: number;
}

/**
 * Parses oslo.config's file format. It mirrors `oslo_config/iniparser.py` and the section rules of
 * `oslo_config/cfg.py`:
 *
 * - `[name]` at the first column opens a section, which may be opened several times. Nothing may follow the
 *   `]`.
 * - `#` or `;` at the first column begins a comment. Text after a value is never a comment, but part of the
 *   value.
 * - `key = value` or `key: value`, split at whichever comes first; both are trimmed.
 * - One pair of equal quotes around a value is removed.
 * - A line that begins with a space or tab continues the value above. A blank line, a comment or a section
 *   ends the value.
 * - Section names are case-insensitive, except `DEFAULT`. Keys are compared
 *   exactly.
 *
 * @param path the name of the file in errors; it is not read
 * @throws ConfigError with every malformed line and its number
 */
export function parseIni(text: string, path: string): Assignment[] {
  const assignments: Assignment[] = [];
  const problems: ConfigProblem[] = [];
  let section: string | undefined;
  let open: OpenAssignment | undefined;

  const close = () => {
    if (open === undefined) return;
    if (section === undefined) {
      problems.push(problemAt(path, open.line, sectionMissing(open.key)));
    } else {
      const { key, lines, line } = open;
      assignments.push({
        section: comparableSection(section),
        sectionAsWritten: section,
        key,
        value: lines.join('\n'),
        line,
      });
    }
    open = undefined;
  };

  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const number = index + 1;
    const line = raw.trimEnd();
    if (/^[ \t]/.test(line)) {
      if (open !== undefined) open.lines.push(line.trimStart());
      else problems.push(problemAt(path, number, CONTINUATION_OF_NOTHING));
      continue;
    }
    close();
    const read = readLine(line);
    if (read.kind === 'section') section = read.name;
    else if (read.kind === 'assignment') open = { key: read.key, lines: [read.value], line: number };
    else if (read.kind === 'unreadable') problems.push(problemAt(path, number, read.why));
  }
  close();

  if (problems.length > 0) throw new ConfigError(problems);
  return assignments;
}

/**
 * A section's name in the form for comparison. `[LIBVIRT]` equals `[libvirt]`, but `[default]` does not
 * equal `[DEFAULT]`.
 */
export function comparableSection(name: string): string {
  return name === 'DEFAULT' ? name : name.toLowerCase();
}

type Line =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'section'; readonly name: string }
  | { readonly kind: 'assignment'; readonly key: string; readonly value: string }
  | { readonly kind: 'unreadable'; readonly why: string };

function readLine(line: string): Line {
  if (line === '' || line.startsWith('#') || line.startsWith(';')) return { kind: 'nothing' };
  if (line.startsWith('[')) return readSection(line);
  const separator = line.search(/[=:]/);
  if (separator < 0) {
    return { kind: 'unreadable', why: `${shown(line)} has no '=': an option is written name = value` };
  }
  const key = line.slice(0, separator).trim();
  if (key === '') {
    return { kind: 'unreadable', why: `${shown(line)} has no name before the '${line[separator]}'` };
  }
  return { kind: 'assignment', key, value: unquote(line.slice(separator + 1).trim()) };
}

function readSection(line: string): Line {
  if (!line.endsWith(']')) {
    const why = `${shown(line)} is not a section: it is written [name], with nothing after the ']', not even a comment`;
    return { kind: 'unreadable', why };
  }
  const name = line.slice(1, -1);
  if (name === '') return { kind: 'unreadable', why: "'[]' has no name: a section is written [name]" };
  return { kind: 'section', name };
}

function unquote(value: string): string {
  const first = value[0];
  return (first === '"' || first === "'") && value.endsWith(first) ? value.slice(1, -1) : value;
}

const CONTINUATION_OF_NOTHING =
  'a line that begins with a space continues the value above it, but there is none: begin the line at the first column';

function sectionMissing(key: string): string {
  return `${shown(key)} stands before any section: write [DEFAULT], or the name of its section, above it`;
}

function problemAt(path: string, line: number, what: string): ConfigProblem {
  return { where: `${path}:${line}`, what };
}
