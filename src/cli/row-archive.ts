import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileFailure } from '../files/file-failure.ts';
import { makeFolder } from '../files/make-folder.ts';
import { syncDirectory } from '../files/whole-file.ts';
import type { PurgeableRow, PurgedTable } from '../store/promise/purge.ts';

/** Tables whose rows are archived. Other purged rows (tokens, empty sums) are not worth keeping. */
const KEPT: readonly PurgedTable[] = ['servers', 'operations', 'server_migrations', 'instance_actions'];

/** A file of removed rows, one a line: `{"table": …, "row": {…}}`, with the columns of the database. */
export interface RowArchive {
  /**
   * Appends rows, and resolves when they are on the disk. @throws {Failure} one sentence that names the file
   */
  keep(table: PurgedTable, rows: readonly PurgeableRow[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens an archive. The file is created with the first row, and only its owner can read it. */
export function openRowArchive(path: string): RowArchive {
  let file: FileHandle | undefined;

  async function append(text: string): Promise<void> {
    if (file === undefined) {
      await makeFolder(dirname(path), 0o700);
      file = await open(path, 'a', 0o600);
      await syncDirectory(dirname(path));
      // Ends the incomplete line of an interrupted run, so that the next row begins a new line.
      if (!(await endsWithLine(path))) await file.writeFile('\n');
    }
    try {
      await file.writeFile(text);
      await file.sync();
    } catch (error) {
      throw Object.assign(error as Error, { path }); // errors of a write have no path
    }
  }

  return {
    async keep(table, rows) {
      if (!KEPT.includes(table)) return;
      try {
        await append(rows.map(({ row }) => `${JSON.stringify({ table, row })}\n`).join(''));
      } catch (error) {
        throw fileFailure(error) ?? error;
      }
    },
    async close() {
      await file?.close();
    },
  };
}

async function endsWithLine(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size === 0) return true;
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer.toString() === '\n';
  } finally {
    await file.close();
  }
}
