import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../../files/whole-file.ts';
import { Failure } from '../../../model/failure.ts';
import type { ServerId } from '../../../model/ids.ts';
import { diskFailure, isMissing } from '../files/failures.ts';
import { assertSamePath } from './import-disks.ts';

/** `PATH_MAX` of Linux. */
const MAX_PATH_LENGTH = 4096;

/**
 * Marks among a server's files: `<instances>/<server>/mark-<word>`. A mark contains the instances path of
 * the host that created it.
 */
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
        throw new Failure('not-found', `The compute host has no files of server ${server}.`);
      throw diskFailure(`a mark of server ${server}`, error);
    }
  }

  /** @throws {Failure} `conflict` when the mark contains another path */
  async sees(server: ServerId, mark: string): Promise<boolean> {
    try {
      assertSamePath(await readMark(this.#path(server, mark)), this.#instancesDir);
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

/**
 * Reads a file that another host may have written: it follows no symbolic link, and reads at most the length
 * of a path.
 */
async function readMark(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MAX_PATH_LENGTH), 0, MAX_PATH_LENGTH, null);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
