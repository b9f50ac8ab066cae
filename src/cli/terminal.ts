import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { fileFailure } from '../files/file-failure.ts';

/** Where a command prints its result (`out`), and its progress and refusals (`err`, by line). */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (line: string) => void;
}

const STDOUT = 1;

/**
 * Standard output and standard error. A command goes on when its output cannot be written: what it does
 * matters more than what it prints.
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

  /** Resolves when all output was written or failed. @returns whether the reader got all that it wanted */
  async flushed(): Promise<boolean> {
    await new Promise<void>((resolve) => process.stdout.write('', () => setImmediate(resolve)));
    return !this.#failed;
  }

  /** A disk that is nearly full takes a part of the bytes without an error, which Node's stream ignores. */
  #writeFile(bytes: Buffer): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(STDOUT, bytes, at);
    } catch (error) {
      this.#note(error as NodeJS.ErrnoException);
    }
  }

  /** A reader that ended, such as `head`, wants no more. */
  #note(error: NodeJS.ErrnoException): void {
    if (error.code === 'EPIPE' || this.#failed) return;
    this.#failed = true;
    const failure = fileFailure(Object.assign(error, { path: 'standard output' }));
    this.err(`nameplate: ${failure?.operatorText ?? error.message}`);
  }
}
