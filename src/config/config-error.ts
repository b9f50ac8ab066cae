import { Failure } from '../model/failure.ts';

/** A problem in the configuration. */
export interface ConfigProblem {
  /** The place for the user: `FILE:LINE`, `FILE`, an environment variable or a command line flag. */
  readonly where: string;
  /** The problem, and what is accepted instead. One line. */
  readonly what: string;
}

/** The configuration cannot be used. The error has all problems, and its message has one line for each. */
export class ConfigError extends Failure {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super('invalid', problems.map((problem) => `${problem.where}: ${problem.what}`).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const MAX_SHOWN_LENGTH = 120;

/** A value for a message: quoted, on one line, and cut if it is long. */
export function shown(text: string): string {
  const cut = text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
  return JSON.stringify(cut);
}
