import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DISK_FILES } from '../disks/file-names.ts';
import { exists, linkOrCopy } from '../files/durable-file.ts';
import { isMissing } from '../files/failures.ts';
import { readVariables } from '../xml/read-variables.ts';

/**
 * The UEFI variables of guests that release 0.1 defined. It left them in libvirt's own folder, where no cold
 * move took them along and a live migration left them behind.
 */
export class FormerVariables {
  readonly #instancesDir: string;
  /** libvirt's own folder. */
  readonly #folder: string;

  /** @param options.uri of libvirt's daemon */
  constructor({ instancesDir, uri }: { readonly instancesDir: string; readonly uri: string }) {
    this.#instancesDir = instancesDir;
    this.#folder = uri.includes('/session') ? sessionFolder() : '/var/lib/libvirt/qemu/nvram';
  }

  /** Where the variables of a definition are, if that is no disk set. */
  fileOf(definition: string): string | null {
    const variables = readVariables(definition);
    if (variables === null || variables.file?.startsWith(`${this.#instancesDir}/`)) return null;
    return variables.file ?? join(this.#folder, `${variables.domainName}_VARS.fd`);
  }

  /**
   * Adds the variables of a guest to its disk set, unless the set has some. A guest that runs goes on writing
   * to the same file.
   * @param set the directory of the set; nothing is done if the definition does not use it
   */
  async adopt(definition: string | null, set: string): Promise<void> {
    const file = definition?.includes(`${set}/`) ? this.fileOf(definition) : null;
    const own = join(set, DISK_FILES.variables);
    if (file === null || (await exists(own))) return;
    try {
      await linkOrCopy(file, own);
    } catch (error) {
      if (!isMissing(error)) throw error; // a guest that was never started has none
    }
  }

  /** Removes the variables of a definition that is not used any more. */
  async remove(definition: string): Promise<void> {
    const file = this.fileOf(definition);
    if (file !== null) await rm(file, { force: true });
  }
}

function sessionFolder(): string {
  return join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'libvirt/qemu/nvram');
}
