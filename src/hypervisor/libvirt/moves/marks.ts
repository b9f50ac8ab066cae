import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../../files/whole-file.ts';
import { Failure } from '../../../model/failure.ts';
import type { ServerId } from '../../../model/ids.ts';
import { diskFailure, isMissing } from '../disks/failures.ts';
import { assertSamePath } from './import-disks.ts';

/** Marks among a server's files: `<instances>/<server>/mark-<word>`, which hold the path under which the one who left them sees the instances. */
export class Marks {
  readonly #instancesDir: string;

  constructor(instancesDir: string) {
    this.#instancesDir = instancesDir;
  }

  async leave(server: ServerId, mark: string): Promise<void> {
    try {
      await writeWhole(this.#path(server, mark), this.#instancesDir);
    } catch (error) {
      if (isMissing((error as Failure).cause))
        throw new Failure('not-found', `The compute host holds nothing of server ${server}.`);
      throw diskFailure(`a mark of server ${server}`, error);
    }
  }

  /** @throws {Failure} `conflict` when it is seen under another path */
  async isSeen(server: ServerId, mark: string): Promise<boolean> {
    try {
      assertSamePath(await readFile(this.#path(server, mark), 'utf8'), this.#instancesDir);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  async remove(server: ServerId, mark: string): Promise<void> {
    await rm(this.#path(server, mark), { force: true });
  }

  #path(server: ServerId, mark: string): string {
    if (!/^[\w.-]{1,240}$/.test(mark))
      throw new Failure(
        'invalid',
        `'${mark}' cannot be a mark: up to 240 letters, digits, dots, hyphens and underscores.`,
      );
    return join(this.#instancesDir, server, `mark-${mark}`);
  }
}
