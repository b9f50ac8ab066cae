import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Authority } from '../bus/nats/authority.ts';
import { CLAIMS_FILE } from '../bus/nats/server-config.ts';
import { readState } from '../files/read-state.ts';
import { writeWhole } from '../files/whole-file.ts';
import { Failure } from '../model/failure.ts';
import { lockState } from './state-lock.ts';

/** The files of a folder that `nameplate bus init` created. */
export function filesOf(dir: string) {
  return {
    /** The keys that sign credentials. They must stay secret. */
    authority: join(dir, 'authority.json'),
    server: join(dir, 'nats.conf'),
    claims: join(dir, CLAIMS_FILE),
    /** The data folder of NATS. */
    data: join(dir, 'data'),
    control: join(dir, 'control.creds'),
    system: join(dir, 'system.creds'),
    /** `[bus]` of the control plane. */
    controlConfig: join(dir, 'control.conf'),
    hosts: join(dir, 'hosts'),
  };
}

/**
 * How long to wait for another command that is changing the folder, and the interval of checks.
 * Milliseconds.
 */
const MAX_WAIT_MS = 30_000;
const CHECK_MS = 50;

/**
 * Changes the authority of a folder, one command at a time.
 * @throws {Failure} `conflict` when another command does not end, `invalid` when the folder has no authority
 */
export async function withAuthority<T>(
  dir: string,
  change: (authority: Authority) => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + MAX_WAIT_MS;
  const unlock = await take();
  try {
    return await change(await readAuthority(dir));
  } finally {
    unlock();
  }

  async function take(): Promise<() => void> {
    for (;;) {
      try {
        return lockBus(dir);
      } catch (error) {
        const isTaken = error instanceof Failure && error.kind === 'conflict' && Date.now() < deadline;
        if (!isTaken) throw error;
        await delay(CHECK_MS);
      }
    }
  }
}

function lockBus(dir: string): () => void {
  try {
    return lockState(dir);
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw error;
    throw new Failure('invalid', `--dir ${dir} does not exist; "nameplate bus init" creates it`);
  }
}

/** @throws {Failure} `invalid` when it does not exist, `unavailable` when it is damaged */
async function readAuthority(dir: string): Promise<Authority> {
  const path = filesOf(dir).authority;
  const found = await readState(path, {
    parse: authorityOf,
    remedy: 'restore it from a backup; without it no credentials can be issued or revoked',
  });
  if (found !== undefined) return found;
  throw new Failure('invalid', `--dir ${dir}: ${path} does not exist; "nameplate bus init" creates it`);
}

function authorityOf(text: string): Authority | undefined {
  try {
    const read = JSON.parse(text) as Partial<Authority> | null;
    return Array.isArray(read?.hosts) ? (read as Authority) : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the file completely or not at all. */
export async function writeAuthority(dir: string, authority: Authority): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await writeWhole(filesOf(dir).authority, `${JSON.stringify(authority, undefined, 2)}\n`);
}
