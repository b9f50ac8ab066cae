import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LibvirtHost } from './libvirt-host.ts';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

/** A service that `npm start` runs on a libvirt host of its own, until that host stops. */
export interface StartedService {
  /** The commands that it printed for its user, in their order. */
  readonly commands: readonly string[];
}

/**
 * Runs `npm start` on a host, as a user does on a machine; resolves when it has printed that it is ready.
 * @throws Error with what it printed when it ends before
 */
export async function npmStart(host: LibvirtHost, stateDir: string): Promise<StartedService> {
  const said = join(stateDir, 'stderr');
  const env = ['env', '-i', `PATH=${process.env.PATH}`, `HOME=${host.shared}`, 'LANG=C.UTF-8'];
  const words = ['sh', '-c', 'exec npm start -- --state-dir "$0" 2>"$1"', stateDir, said];
  const inside = ['-t', String(host.pid), '-a', `--wd=${REPOSITORY}`, ...env, ...words];
  const child = spawn('nsenter', inside, { stdio: ['ignore', 'pipe', 'ignore'] });
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (!/^ {2}ssh /.test(line)) continue; // the last command of the text
    child.stdout.destroy();
    child.unref();
    const commands = lines.filter((each) => /^ {2}(export|openstack|address=|ping|ssh) ?/.test(each));
    return { commands: commands.map((each) => each.trim()) };
  }
  throw new Error(`npm start ended: ${lines.join('\n')}\n${await readFile(said, 'utf8')}`);
}
