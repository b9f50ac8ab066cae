/** Where a command prints its result (`out`), and its progress and refusals (`err`, by line). */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (line: string) => void;
}

export const TERMINAL: Terminal = {
  out: (text) => process.stdout.write(text),
  err: (line) => process.stderr.write(`${line}\n`),
};
