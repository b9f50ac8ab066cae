import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { fileFailure } from '../files/file-failure.ts';

/** Output of a command: its result (`out`), and progress and errors (`err`, by line). */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (line: string) => void;
}

const STDOUT = 1;

/**
 * Standard output and standard error. A command continues when its output cannot be written, because its
 * work matters more than its output.
 */
export class StandardTerminal implements Terminal {
  #failed = false;

  constructor() {
    process.stdout.on('error', (error) => this.#note(error));
    process.stderr.on('error', () => {});
  }

  readonly out = (text: string): void => {
    if (process.stdout instanceof Socket) process.stdout.write(text);
    else this.#writeFile(Buffer.from(text));
  };

  readonly err = (line: string): void => void process.stderr.write(`${line}\n`);

  /**
   * Resolves when all output was written or failed.
   * @returns false if a write failed, other than for a reader that stopped reading
   */
  async flushed(): Promise<boolean> {
    await new Promise<void>((resolve) => process.stdout.write('', () => setImmediate(resolve)));
    return !this.#failed;
  }

  /**
   * Writes all bytes. On a disk that is nearly full, one write may write only a part without an error, which
   * Node's stream ignores.
   */
  #writeFile(bytes: Buffer): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(STDOUT, bytes, at);
    } catch (error) {
      this.#note(error as NodeJS.ErrnoException);
    }
  }

  /** A reader that ended, such as `head`, is not a failure. */
  #note(error: NodeJS.ErrnoException): void {
    if (error.code === 'EPIPE' || this.#failed) return;
    this.#failed = true;
    const failure = fileFailure(Object.assign(error, { path: 'standard output' }));
    this.err(`nameplate: ${failure?.operatorText ?? error.message}`);
  }
}
