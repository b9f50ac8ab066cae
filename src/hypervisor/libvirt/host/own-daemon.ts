import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { listDomainsFlags, parseUri } from 'libvirt-rpc';
import { Failure } from '../../../model/failure.ts';
import type { Log } from '../../../model/log.ts';
import type { LibvirtLink } from '../connection/libvirt-link.ts';
import { makeDirectory } from '../files/durable-file.ts';
import { writeDaemonConfig } from './daemon-config.ts';
import { isHostUuidTransient } from './host-uuid.ts';
import { grantKvm } from './kvm-access.ts';

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 5_000;
/** How long to wait for the restart of an external daemon before starting one. Milliseconds. */
const RESTART_TIMEOUT_MS = 3_000;
const POLL_MS = 20;

const PASSING_UUID =
  'this machine has no UUID in its DMI table, and libvirtd.conf sets no host_uuid: libvirtd makes up another at each start, and with it the serial of guests under sysinfo_serial = hardware. Set host_uuid there.';

const reaper = fileURLToPath(new URL('./reap-orphans.pl', import.meta.url));
const starter = fileURLToPath(new URL('./start-daemon.sh', import.meta.url));

/** The default URI of the daemon. */
export function defaultUri(): string {
  return process.getuid?.() === 0 ? 'qemu:///system' : 'qemu:///session';
}

export interface OwnDaemonOptions {
  readonly uri: string;
  /** The directory of the daemon's configuration, process ids and log. */
  readonly directory: string;
  readonly log: Log;
}

/**
 * The machine's libvirt daemon. It is started here if none answers (no systemd, or a laptop), with the
 * machine's own `qemu.conf`. A daemon that was started here is stopped with the service, unless guests run.
 */
export class OwnDaemon {
  readonly #options: OwnDaemonOptions;
  /** Whether the daemon that answered last was started by others. */
  #isExternal = false;

  constructor(options: OwnDaemonOptions) {
    this.#options = options;
  }

  /**
   * Ensures that a daemon answers.
   * @throws {Failure} `unavailable` when libvirt is not installed or its daemon does not start; the operator
   *   text has the end of its log
   */
  async ensure(): Promise<void> {
    const { directory, uri, log } = this.#options;
    if (await this.#answers()) {
      const isExternal = (await this.#libvirtd()) === undefined;
      if (isExternal && !this.#isExternal && (await isHostUuidTransient()))
        log('host-uuid-changes', { why: PASSING_UUID });
      this.#isExternal = isExternal;
      return;
    }
    if (this.#isExternal && (await this.#comesBack())) return;
    await makeDirectory(directory);
    await writeDaemonConfig(directory, log);
    if (uri === 'qemu:///system') await grantKvm(log);
    log('libvirtd-starting', { uri, directory });
    await this.#start();
  }

  /** Stops a daemon that was started here, if no guest runs. Closes the link in any case. */
  async release(link: LibvirtLink): Promise<void> {
    const { directory, log } = this.#options;
    const libvirtd = await this.#libvirtd();
    const active = libvirtd === undefined ? 0 : await countActive(link);
    await link.close();
    if (libvirtd === undefined) return;
    if (active !== 0) {
      log('libvirtd-kept', { process: libvirtd, guests: active ?? 'unknown' });
      return;
    }
    await end(libvirtd);
    const virtlogd = await runningProcess(join(directory, 'virtlogd.pid'), 'virtlogd');
    if (virtlogd !== undefined) await end(virtlogd);
  }

  /** The process that was started here, by this or an earlier run of the service. */
  #libvirtd(): Promise<number | undefined> {
    return runningProcess(join(this.#options.directory, 'libvirtd.pid'), 'libvirtd');
  }

  /** Waits for an external daemon that may be restarting. */
  async #comesBack(): Promise<boolean> {
    const deadline = Date.now() + RESTART_TIMEOUT_MS;
    while (Date.now() < deadline) {
      if (await this.#answers()) return true;
      await delay(POLL_MS);
    }
    return false;
  }

  async #start(): Promise<void> {
    const { directory, uri } = this.#options;
    const output = await open(join(directory, 'start.log'), 'w', 0o600);
    const kind = uri === 'qemu:///system' ? 'system' : 'session';
    const child = spawn('perl', [reaper, 'sh', starter, kind, directory], {
      detached: true,
      cwd: '/',
      stdio: ['ignore', output.fd, output.fd],
    });
    const ended = endOf(child);
    child.unref();
    await output.close();
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await this.#answers())) {
      const over = await Promise.race([ended, delay(POLL_MS, null)]);
      if (over !== null || Date.now() > deadline) throw await this.#notStarted(over ?? 'it does not answer');
    }
  }

  async #notStarted(why: string): Promise<Failure> {
    const { directory } = this.#options;
    const read = (name: string) => readFile(join(directory, name), 'utf8').catch(() => '');
    const texts = [await read('start.log'), await read('libvirtd.log')].map((text) =>
      text.slice(-1000).trim(),
    );
    return new Failure('unavailable', "The compute host's hypervisor does not start.", {
      operatorText: [`libvirtd does not start: ${why}; is libvirt-daemon-system installed?`, ...texts]
        .join('\n')
        .trim(),
    });
  }

  async #answers(): Promise<boolean> {
    for (const endpoint of parseUri(this.#options.uri).endpoints)
      if (endpoint.kind === 'unix' && (await accepts(endpoint.path))) return true;
    return false;
  }
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    const settle = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code) => resolve(`it ended with status ${code}`));
  });
}

/** The number of running guests; null when the daemon does not answer. */
async function countActive(link: LibvirtLink): Promise<number | null> {
  try {
    const domains = await link.read('listing guests', (libvirt) =>
      libvirt.connectListAllDomains({ flags: listDomainsFlags.active }),
    );
    return domains.length;
  } catch {
    return null;
  }
}

/** The process whose id is in a file, if it still is this program. */
async function runningProcess(file: string, program: string): Promise<number | undefined> {
  const text = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (!/^[1-9]\d*$/.test(text)) return undefined;
  const name = await readFile(`/proc/${text}/comm`, 'utf8').catch(() => '');
  return name.trim() === program ? Number(text) : undefined;
}

async function end(process_: number): Promise<void> {
  process.kill(process_, 'SIGTERM');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  const lives = () => {
    try {
      return process.kill(process_, 0);
    } catch {
      return false;
    }
  };
  while (lives() && Date.now() < deadline) await delay(POLL_MS);
}
