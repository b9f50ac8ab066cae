import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OperationId, ServerId } from '../../../model/ids.ts';
import { DEFINITIONS } from '../disks/file-names.ts';
import { makeDirectory, writeOnce } from '../files/durable-file.ts';
import { isMissing } from '../files/failures.ts';

/** What there was before a definition was written anew: XML text, or null for nothing. */
export type Replaced = string | null;

/**
 * Definitions that were replaced, kept on disk under the id of the operation that did it:
 * `<instances>/<server>/definitions/<operation>.xml`.
 */
export class KeptDefinitions {
  readonly #instancesDir: string;

  constructor(instancesDir: string) {
    this.#instancesDir = instancesDir;
  }

  /** Whether something is kept already: then it is what was there at first, and must stay. */
  async has(server: ServerId, operation: OperationId): Promise<boolean> {
    return (await this.read(server, operation)) !== undefined;
  }

  /** Keeps what is about to be replaced, durably, unless something is kept already. */
  async keep(server: ServerId, operation: OperationId, replaced: Replaced): Promise<void> {
    await makeDirectory(join(this.#instancesDir, server, DEFINITIONS));
    // An empty file stands for nothing.
    await writeOnce(this.#path(server, operation), replaced ?? '');
  }

  /** What is kept; undefined when nothing is. */
  async read(server: ServerId, operation: OperationId): Promise<Replaced | undefined> {
    try {
      const text = await readFile(this.#path(server, operation), 'utf8');
      return text === '' ? null : text;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async forget(server: ServerId, operation: OperationId): Promise<void> {
    await rm(this.#path(server, operation), { force: true });
  }

  #path(server: ServerId, operation: OperationId): string {
    return join(this.#instancesDir, server, DEFINITIONS, `${operation}.xml`);
  }
}
