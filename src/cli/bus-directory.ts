import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Authority } from '../bus/nats/authority.ts';
import { CLAIMS_FILE } from '../bus/nats/server-config.ts';
import { Failure } from '../model/failure.ts';
import { writePrivately } from './credentials.ts';
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

/** How long another command may be changing the folder, and how often it is looked whether it has done so. Milliseconds. */
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
    await unlock();
  }

  async function take(): Promise<() => Promise<void>> {
    for (;;) {
      try {
        return await lockFolder(dir);
      } catch (error) {
        const isTaken = error instanceof Failure && error.kind === 'conflict' && Date.now() < deadline;
        if (!isTaken) throw error;
        await delay(LOOK_AGAIN_MS);
      }
    }
  }
}

async function lockFolder(dir: string): Promise<() => Promise<void>> {
  try {
    return await lockState(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Failure('invalid', `--dir ${dir} does not exist; "nameplate bus init" makes it`);
  }
}

/** @throws {Failure} `invalid` when there is none */
async function readAuthority(dir: string): Promise<Authority> {
  const path = filesOf(dir).authority;
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Authority;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'it does not exist; "nameplate bus init" makes it' : message;
    throw new Failure('invalid', `--dir ${dir}: ${path} cannot be read: ${why}`);
  }
}

/** Whole or not at all. */
export async function writeAuthority(dir: string, authority: Authority): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const path = filesOf(dir).authority;
  await writePrivately(`${path}.new`, `${JSON.stringify(authority, undefined, 2)}\n`);
  await rename(`${path}.new`, path);
}
