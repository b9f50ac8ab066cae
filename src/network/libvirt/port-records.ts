import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../files/make-folder.ts';
import { readState } from '../../files/read-state.ts';
import { writeWhole } from '../../files/whole-file.ts';
import type { OperationId, ServerId } from '../../model/ids.ts';
import type { MacAddress, PortId } from '../../model/network/network-ids.ts';

/** What this host made for a port: enough to remove it. */
export interface PortRecord {
  readonly id: PortId;
  readonly server: ServerId;
  /** libvirt's name of the network. */
  readonly network: string;
  /** The backend made the network, and removes it after its last port. */
  readonly isOurs: boolean;
  readonly mac: MacAddress;
  /** The operation that had it plugged first; null for none. */
  readonly operation: OperationId | null;
}

const SUFFIX = '.json';

/**
 * The ports that this host holds something for, one file each. It is written before anything is made, and
 * removed last: nothing is left behind that no record names.
 */
export class PortRecords {
  readonly #folder: string;
  #known: Promise<Map<PortId, PortRecord>> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async find(id: PortId): Promise<PortRecord | undefined> {
    return (await this.#records()).get(id);
  }

  async all(): Promise<readonly PortRecord[]> {
    return [...(await this.#records()).values()];
  }

  /** Keeps a record; the operation of one that is there already stays. */
  async keep(latest: PortRecord): Promise<void> {
    const records = await this.#records();
    const known = records.get(latest.id);
    const record = known === undefined ? latest : { ...latest, operation: known.operation ?? null };
    const text = JSON.stringify(record);
    if (JSON.stringify(known) === text) return;
    await writeWhole(this.#pathOf(record.id), text);
    records.set(record.id, record);
  }

  async forget(id: PortId): Promise<void> {
    const records = await this.#records();
    await rm(this.#pathOf(id), { force: true });
    records.delete(id);
  }

  #records(): Promise<Map<PortId, PortRecord>> {
    this.#known ??= this.#readAll().catch((error: unknown) => {
      this.#known = undefined;
      throw error;
    });
    return this.#known;
  }

  async #readAll(): Promise<Map<PortId, PortRecord>> {
    await makeFolder(this.#folder, 0o700);
    const records = new Map<PortId, PortRecord>();
    for (const name of await readdir(this.#folder)) {
      if (!name.endsWith(SUFFIX)) continue;
      const path = join(this.#folder, name);
      const remedy = 'remove it, and the DHCP entry and filter of the port in libvirt';
      const record = await readState(path, { parse: parseRecord, remedy });
      if (record !== undefined) records.set(record.id, record);
    }
    return records;
  }

  #pathOf(id: PortId): string {
    return join(this.#folder, `${id}${SUFFIX}`);
  }
}

function parseRecord(text: string): PortRecord | undefined {
  try {
    const record = JSON.parse(text) as PortRecord;
    return typeof record?.id === 'string' && typeof record.network === 'string' ? record : undefined;
  } catch {
    return undefined;
  }
}
