import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OperationId, ServerId } from '../../../model/ids.ts';
import { DEFINITIONS } from '../disks/file-names.ts';
import { makeDirectory, writeOnce } from '../files/durable-file.ts';
import { isMissing } from '../files/failures.ts';

/** The definition before `define`, as XML text; null if there was none. */
export type Replaced = string | null;

/**
 * Replaced definitions, kept on disk under the id of the operation that replaced them:
 * `<instances>/<server>/definitions/<operation>.xml`.
 */
export class KeptDefinitions {
  readonly #instancesDir: string;

  constructor(instancesDir: string) {
    this.#instancesDir = instancesDir;
  }

  /** Whether a definition is kept already. It is then the original one, and must stay. */
  async has(server: ServerId, operation: OperationId): Promise<boolean> {
    return (await this.read(server, operation)) !== undefined;
  }

  /** Keeps a definition durably, unless one is kept already. */
  async keep(server: ServerId, operation: OperationId, replaced: Replaced): Promise<void> {
    await makeDirectory(join(this.#instancesDir, server, DEFINITIONS));
    // An empty file stands for null.
    await writeOnce(this.#path(server, operation), replaced ?? '');
  }

  /** The kept definition; undefined when none is kept. */
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
