import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OperationId, ServerId } from '../../model/ids.ts';
import type { GuestPort } from '../../model/network/guest-port.ts';
import type { PortId } from '../../model/network/network-ids.ts';
import type { PluggedPort } from '../backend.ts';

/** A line of the file: what became of a port. Its last line holds. */
interface Line {
  readonly id: PortId;
  /** null: it was unplugged. */
  readonly plugged: (Omit<PluggedPort, 'id'> & { readonly port: GuestPort }) | null;
}

/** Characters that the file may have beside twice what it needs, before it is written anew. */
const SPARE = 2 ** 18;

/**
 * The ports that are plugged on a simulated host, in one file that outlives the process. A change appends a
 * line: a file for each port would cost a new inode, which takes longer than all else about a port.
 */
export class PluggedPorts {
  readonly #path: string;
  readonly #held = new Map<PortId, Omit<PluggedPort, 'id'> & { readonly line: string }>();
  /** Characters of the file, and of those lines of it that hold. */
  #written: number;
  #needed = 0;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#written = text.length;
    for (const line of text.split('\n')) {
      const read = lineOf(line);
      if (read !== undefined) this.#keep(read, `\n${line}`);
    }
  }

  /** @param folder is made when missing */
  static async open(folder: string): Promise<PluggedPorts> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, 'ports.jsonl');
    rmSync(scratchOf(path), { force: true }); // of a write that was interrupted
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    return new PluggedPorts(path, text);
  }

  all(): readonly PluggedPort[] {
    return [...this.#held].map(([id, { server, operation }]) => ({ id, server, operation }));
  }

  /** @param by of a port that is not there; else its operation stays */
  set(server: ServerId, port: GuestPort, by: OperationId | null = null): void {
    const known = this.#held.get(port.id);
    const operation = known === undefined ? by : known.operation;
    this.#write({ id: port.id, plugged: { server, port, operation } });
  }

  remove(id: PortId): void {
    if (!this.#held.has(id)) return;
    this.#write({ id, plugged: null });
    if (this.#held.size > 0) return;
    rmSync(this.#path, { force: true });
    this.#written = 0;
  }

  /** The line begins with its break: a process that was killed leaves half a line. */
  #write(change: Line): void {
    const line = `\n${JSON.stringify(change)}`;
    if (this.#held.get(change.id)?.line === line) return;
    appendFileSync(this.#path, line, { mode: 0o600 });
    this.#written += line.length;
    this.#keep(change, line);
    if (this.#written > 2 * this.#needed + SPARE) this.#writeAnew();
  }

  #keep({ id, plugged }: Line, line: string): void {
    this.#needed -= this.#held.get(id)?.line.length ?? 0;
    this.#held.delete(id);
    if (plugged === null) return;
    const { server, operation } = plugged;
    this.#held.set(id, { server, operation, line });
    this.#needed += line.length;
  }

  #writeAnew(): void {
    const scratch = scratchOf(this.#path);
    writeFileSync(scratch, [...this.#held.values()].map(({ line }) => line).join(''), { mode: 0o600 });
    renameSync(scratch, this.#path);
    this.#written = this.#needed;
  }
}

function scratchOf(path: string): string {
  return `${path}.new`;
}

/** Undefined of half a line, and of the empty one before the first. */
function lineOf(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}
