import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Authority } from '../bus/nats/authority.ts';
import { CLAIMS_FILE } from '../bus/nats/server-config.ts';
import { readState } from '../files/read-state.ts';
import { writeWhole } from '../files/whole-file.ts';
import { Failure } from '../model/failure.ts';
import { lockState } from './state-lock.ts';

/** The files of a folder that `nameplate bus init` made. */
export function filesOf(dir: string) {
  return {
    /** The keys that sign credentials: it must stay secret. */
    authority: join(dir, 'authority.json'),
    server: join(dir, 'nats.conf'),
    claims: join(dir, CLAIMS_FILE),
    /** What NATS keeps. */
    data: join(dir, 'data'),
    control: join(dir, 'control.creds'),
    system: join(dir, 'system.creds'),
    /** `[bus]` of the control plane. */
    controlConfig: join(dir, 'control.conf'),
    hosts: join(dir, 'hosts'),
  };
}

/**
 * How long another command may be changing the folder, and how often it is looked whether it has done so.
 * Milliseconds.
 */
const PATIENCE_MS = 30_000;
const LOOK_AGAIN_MS = 50;

/**
 * Changes the authority of a folder, one command at a time.
 * @throws {Failure} `conflict` when another one does not end, `invalid` when there is none
 */
export async function withAuthority<T>(
  dir: string,
  change: (authority: Authority) => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
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
        await delay(LOOK_AGAIN_MS);
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
    throw new Failure('invalid', `--dir ${dir} does not exist; "nameplate bus init" makes it`);
  }
}

/** @throws {Failure} `invalid` when there is none, `unavailable` when it is damaged */
async function readAuthority(dir: string): Promise<Authority> {
  const path = filesOf(dir).authority;
  const found = await readState(path, {
    parse: authorityOf,
    remedy: 'restore it from a backup; without it no credentials can be issued or revoked',
  });
  if (found !== undefined) return found;
  throw new Failure('invalid', `--dir ${dir}: ${path} does not exist; "nameplate bus init" makes it`);
}

function authorityOf(text: string): Authority | undefined {
  try {
    const read = JSON.parse(text) as Partial<Authority> | null;
    return Array.isArray(read?.hosts) ? (read as Authority) : undefined;
  } catch {
    return undefined;
  }
}

/** Whole or not at all. */
export async function writeAuthority(dir: string, authority: Authority): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await writeWhole(filesOf(dir).authority, `${JSON.stringify(authority, undefined, 2)}\n`);
}
