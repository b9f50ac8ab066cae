import { appendFileSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuestCpu } from '../../model/guest-cpu.ts';
import type { ServerId } from '../../model/ids.ts';
import type { MachineIdentity } from '../../model/machine-identity.ts';

/**
 * The definition of a simulated guest, with the values that a real guest's SMBIOS table and console would
 * show.
 */
export interface SimulatedDefinition {
  readonly serial: string | null;
  readonly uuid: string;
  readonly diskSet: string;
  /** Absent in files of release 0.1. */
  readonly machine?: MachineIdentity;
  /** Absent with a BIOS. */
  readonly firmware?: 'uefi';
  /** Of a guest that was started; absent in files of release 0.1. */
  readonly cpu?: GuestCpu;
  /** MAC addresses of its interfaces, in order; absent where there are no ports. */
  readonly macs?: readonly string[];
}

/** The size of a disk set in GiB, its number of boots, and what its firmware stores. */
export interface SimulatedDisk {
  readonly gb: number;
  readonly boots: number;
  /** UEFI variables, a word that the first boot makes up; absent with a BIOS. */
  readonly variables?: string;
}

/** A simulated guest. */
export interface SimulatedGuest {
  readonly serverId: ServerId;
  readonly power: 'running' | 'paused' | 'shutdown';
  readonly definition: SimulatedDefinition | null;
  /** The definition with which the guest was started; null unless it runs or its memory is saved. */
  readonly live: SimulatedDefinition | null;
  readonly savedMemory: boolean;
  /** Definitions that `define` replaced, by operation; null: there was none. */
  readonly kept: Readonly<Record<string, SimulatedDefinition | null>>;
  readonly disks: Readonly<Record<string, SimulatedDisk>>;
  readonly console: string;
}

const SUFFIX = '.json';
/** The suffix of an incomplete file. */
const SCRATCH = '.json.new';
/** Bytes that are appended to a file before it is written anew. */
const MAX_APPENDED = 2 ** 18;

/** Guests as one file each, so that they outlive the process as real guests do. */
export interface GuestFiles {
  readAll(): Promise<SimulatedGuest[]>;
  write(guest: SimulatedGuest): Promise<void>;
  delete(server: ServerId): Promise<void>;
}

/**
 * A write appends the guest to its file as one more line: a file that is replaced at each write costs ext4 a
 * new inode, which takes it longer than all the rest of a create. Only the first write, which may need one,
 * goes to the thread pool; a line takes less time than the way there.
 * @param folder is made when missing, and cleared of what an interrupted write left
 */
export async function openGuestFiles(folder: string): Promise<GuestFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // A process that was killed during a write leaves its scratch file, also of a guest that is deleted later.
  for (const name of await readdir(folder))
    if (name.endsWith(SCRATCH)) await rm(join(folder, name), { force: true });
  const pathOf = (server: ServerId) => join(folder, `${server}${SUFFIX}`);
  const scratchOf = (server: ServerId) => join(folder, `${server}${SCRATCH}`);
  const appended = new Map<ServerId, number>();
  return {
    async readAll() {
      const names = (await readdir(folder)).filter((name) => name.endsWith(SUFFIX));
      const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
      return texts.map(lastGuest).filter((guest) => guest !== undefined);
    },
    async write(guest) {
      const { serverId } = guest;
      const line = `\n${JSON.stringify(guest)}`;
      const before = appended.get(serverId);
      const bytes = (before ?? 0) + line.length;
      appended.set(serverId, bytes);
      if (before === undefined) return appendFile(pathOf(serverId), line, { mode: 0o600 });
      if (bytes <= MAX_APPENDED) return appendFileSync(pathOf(serverId), line);
      await writeFile(scratchOf(serverId), line, { mode: 0o600 });
      await rename(scratchOf(serverId), pathOf(serverId));
      appended.delete(serverId);
    },
    async delete(server) {
      appended.delete(server);
      await rm(scratchOf(server), { force: true });
      await rm(pathOf(server), { force: true });
    },
  };
}

/** The guest in the last whole line of its file: a process that was killed leaves half a line. */
export function lastGuest(text: string): SimulatedGuest | undefined {
  for (const line of text.split('\n').reverse()) {
    try {
      return JSON.parse(line) as SimulatedGuest;
    } catch {
      // half a line, or the empty one before the first
    }
  }
  return undefined;
}
