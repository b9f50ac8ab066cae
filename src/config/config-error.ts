import { Failure } from '../model/failure.ts';

/** One thing that is wrong in the configuration. */
export interface ConfigProblem {
  /**
   * Where the text stands, as a user finds it: `FILE:LINE`, `FILE`, an environment variable, a command line
   * flag.
   */
  readonly where: string;
  /** What is wrong there, and what is accepted instead. One line. */
  readonly what: string;
}

/** The configuration cannot be used. Carries every problem found, and its message has one line for each. */
export class ConfigError extends Failure {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super('invalid', problems.map((problem) => `${problem.where}: ${problem.what}`).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const MAX_SHOWN_LENGTH = 120;

/** A value as it may stand in a message: quoted, on one line, not endless. */
export function shown(text: string): string {
  const cut = text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
  return JSON.stringify(cut);
}
