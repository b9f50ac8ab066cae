import { readFile } from 'node:fs/promises';
import { Failure } from '../model/failure.ts';
import { fileFailure } from './file-failure.ts';

/**
 * Reads a file that holds state. An empty or damaged file is an error and never counts as new state, because
 * its former content may be in use.
 * @param parse the value, or undefined when the text is malformed
 * @returns undefined when the file does not exist
 * @throws {Failure} `unavailable`: one sentence that names the file and a remedy
 */
export async function readState<Value>(
  path: string,
  {
    parse,
    remedy,
  }: {
    readonly parse: (text: string) => Value | undefined;
    /** A clause that completes "file is empty: ". */
    readonly remedy: string;
  },
): Promise<Value | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileFailure(error) ?? error;
  });
  if (text === undefined) return undefined;
  const value = parse(text);
  if (value !== undefined) return value;
  const what = text.trim() === '' ? 'is empty' : 'is damaged';
  throw new Failure('unavailable', 'A file of the service cannot be used.', {
    operatorText: `${path} ${what}: ${remedy}.`,
  });
}
