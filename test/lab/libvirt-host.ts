import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const initScript = fileURLToPath(new URL('./libvirt-host-init.sh', import.meta.url));
const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const neededCommands = ['libvirtd', 'qemu-system-x86_64', 'unshare', 'nsenter', 'ip', 'bash'];

export interface LibvirtHostOptions {
  /** The host's name, as its libvirtd reports it: a letter, then letters, digits and dashes. */
  readonly name: string;
  /** Content of the host's `/etc/machine-id`; by default random, 32 hexadecimal digits. */
  readonly machineId?: string;
  /** The host UUID in libvirt's capabilities; by default random. Two hosts that migrate need two. */
  readonly hostUuid?: string;
  /** Where it is plugged in; by default it has no network but its own loopback's. */
  readonly plug?: NetworkPlug;
  /**
   * How many seconds of silence its libvirtd takes, of the one that it migrates a guest to, before it gives
   * up. Default: libvirt's own, 30.
   */
  readonly silenceSeconds?: number;
}

/** A place on a network that hosts share. */
export interface NetworkPlug {
  /** The host's own address there, and those of all others by name. */
  readonly address: string;
  readonly names: Readonly<Record<string, string>>;
  /** Gives the network namespace of this process, seen from outside, its `eth0`, with no address yet. */
  connect(pid: number): Promise<void>;
}

/** A libvirt host of its own: namespaces, a real libvirtd, room for emulated guests. */
export interface LibvirtHost {
  readonly name: string;
  /** URI by which libvirt clients outside (and inside) reach it. */
  readonly uri: string;
  /** Path of libvirtd's socket, seen from outside. */
  readonly socket: string;
  /** The host's folder; `etc`, `run`, `var` below it are the host's own, seen from outside. */
  readonly root: string;
  /** A folder that has the same path inside and outside; it goes with the host. */
  readonly shared: string;
  /** The host's machine-id file, seen from outside. */
  readonly machineIdFile: string;
  readonly machineId: string;
  readonly hostUuid: string;
  /** Process number, outside, of the host's first process: SIGKILL to it is a power failure. */
  readonly pid: number;
  /** Runs a command inside, in folder `/`. Rejects if it ends with another status than 0. */
  exec(command: string, args?: readonly string[]): Promise<{ stdout: string; stderr: string }>;
  /** SIGKILL to libvirtd; guests run on. Resolves when the process is gone. */
  killDaemon(): Promise<void>;
  /** Starts libvirtd again (kills it first if it runs). Resolves when it answers. */
  restartDaemon(): Promise<void>;
  /**
   * Power failure and boot: all processes end at once, `/run` is empty again, and a new libvirtd answers on
   * the same disks.
   */
  powerCycle(): Promise<void>;
  /** Ends the host with everything in it and removes its folder. May be called twice. */
  stop(): Promise<void>;
}

/** Why no libvirt host can be started here, as a sentence; undefined when one can. */
export function libvirtHostObstacle(): string | undefined {
  if (process.platform !== 'linux') return 'a private libvirt host needs Linux';
  if (process.getuid?.() !== 0) return 'a private libvirt host needs root';
  const missing = neededCommands.filter((command) => !isInstalled(command));
  return missing.length === 0 ? undefined : `a private libvirt host needs ${missing.join(', ')}`;
}

/**
 * Starts a libvirt host in namespaces of its own and waits until its libvirtd answers.
 * Nothing of it outlives the process that started it.
 *
 * @throws Error when the machine cannot (see {@link libvirtHostObstacle}) or libvirtd does not answer.
 */
export async function startLibvirtHost(options: LibvirtHostOptions): Promise<LibvirtHost> {
  const obstacle = libvirtHostObstacle();
  if (obstacle !== undefined) throw new Error(obstacle);
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(options.name))
    throw new Error(`host name '${options.name}' will not do`);
  const { name, machineId = randomUUID().replaceAll('-', ''), hostUuid = randomUUID() } = options;
  // Socket paths hold 107 bytes, and /run is not the host's own: so a short folder in the temporary one.
  const root = await mkdtemp(join(tmpdir(), 'np-lab-'));
  await layFiles({ ...options, root, name, machineId, hostUuid });
  let namespaces = await startNamespaces(root, name).catch(async (error: unknown) => {
    await rm(root, { recursive: true, force: true });
    throw error;
  });
  const socket = join(root, 'run/libvirt/libvirt-sock');
  const exec: LibvirtHost['exec'] = (command, args = []) =>
    run(
      'nsenter',
      ['-t', String(namespaces.pid), '-a', '--wd=/', 'env', '-i', ...environment, command, ...args],
      {
        maxBuffer: 64 * 1024 * 1024,
      },
    );
  const host: LibvirtHost = {
    ...{ name, root, socket, machineId, hostUuid, exec },
    get pid() {
      return namespaces.pid;
    },
    uri: `qemu+unix:///system?socket=${socket}`,
    shared: join(root, 'shared'),
    machineIdFile: join(root, 'etc/machine-id'),
    killDaemon: () => killDaemon(exec),
    restartDaemon: async () => {
      await killDaemon(exec);
      await startDaemon(exec, root, socket);
    },
    async powerCycle() {
      await endNamespaces(namespaces);
      await rm(join(root, 'run'), { recursive: true });
      await mkdir(join(root, 'run'));
      namespaces = await startNamespaces(root, name);
      if (options.plug !== undefined) await plugIn(exec, options.plug, namespaces.pid);
      await startDaemon(exec, root, socket);
    },
    stop: async () => {
      await endNamespaces(namespaces);
      await rm(root, { recursive: true, force: true });
    },
  };
  try {
    if (options.plug !== undefined) await plugIn(exec, options.plug, namespaces.pid);
    await startDaemon(exec, root, socket);
  } catch (error) {
    await host.stop();
    throw error;
  }
  return host;
}

const environment = [`PATH=${searchPath}`, 'LANG=C.UTF-8', 'HOME=/root'];

function isInstalled(command: string): boolean {
  return searchPath.split(':').some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

interface Namespaces {
  readonly child: ChildProcess;
  /** Of the first process within, seen from outside. */
  readonly pid: number;
}

interface HostFiles {
  readonly root: string;
  readonly name: string;
  readonly machineId: string;
  readonly hostUuid: string;
  readonly plug?: NetworkPlug;
  readonly silenceSeconds?: number;
}

async function layFiles({ root, name, machineId, hostUuid, plug, silenceSeconds }: HostFiles): Promise<void> {
  for (const folder of [
    'etc/libvirt',
    'var/lib/libvirt',
    'var/cache/libvirt',
    'var/log/libvirt',
    'run',
    'shared',
  ])
    await mkdir(join(root, folder), { recursive: true });
  await cp('/usr/share/libvirt/nwfilter', join(root, 'etc/libvirt/nwfilter'), { recursive: true });
  await writeFile(join(root, 'etc/machine-id'), `${machineId}\n`);
  await writeFile(join(root, 'etc/hostname'), `${name}\n`);
  const others = Object.entries(plug?.names ?? {}).map(([other, address]) => `${address} ${other}\n`);
  const own = plug === undefined ? ` ${name}` : '';
  await writeFile(join(root, 'etc/hosts'), `127.0.0.1 localhost${own}\n${others.join('')}`);
  const daemon = [
    `host_uuid = "${hostUuid}"`,
    'auth_unix_rw = "none"',
    'listen_tls = 0',
    'listen_tcp = 1',
    'auth_tcp = "none"',
    'log_outputs = "2:file:/var/log/libvirt/libvirtd.log"',
  ];
  await writeFile(join(root, 'etc/libvirt/libvirtd.conf'), `${daemon.join('\n')}\n`);
  // stdio_handler "file": QEMU writes its log files itself, so no virtlogd is needed.
  const qemu = [
    'user = "root"',
    'group = "root"',
    'dynamic_ownership = 0',
    'remember_owner = 0',
    'security_driver = "none"',
    'seccomp_sandbox = 0',
    'namespaces = [ ]',
    'cgroup_controllers = [ ]',
    'stdio_handler = "file"',
    ...(silenceSeconds === undefined
      ? []
      : ['keepalive_interval = 1', `keepalive_count = ${silenceSeconds - 1}`]),
  ];
  await writeFile(join(root, 'etc/libvirt/qemu.conf'), `${qemu.join('\n')}\n`);
}

async function plugIn(exec: LibvirtHost['exec'], plug: NetworkPlug, pid: number): Promise<void> {
  await plug.connect(pid);
  await exec('ip', ['addr', 'add', `${plug.address}/24`, 'dev', 'eth0']);
  await exec('ip', ['link', 'set', 'eth0', 'up']);
}

/** Starts the namespaces; resolves when the mounts are laid. */
async function startNamespaces(root: string, name: string): Promise<Namespaces> {
  const namespaces = ['--pid', '--fork', '--mount', '--net', '--uts', '--ipc', '--propagation', 'private'];
  const child = spawn('unshare', [...namespaces, 'bash', initScript, root, name], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: searchPath, LANG: 'C.UTF-8' },
    detached: true, // a ^C at the terminal reaches the tests, which then end it
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  for await (const line of createInterface(child.stdout)) {
    // The host must not keep the tests' process alive: it ends with it.
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as { unref?(): void }).unref?.();
    return { child, pid: Number(line) };
  }
  throw new Error(`the namespaces of host ${name} do not start: ${complaints}`);
}

async function endNamespaces({ child, pid }: Namespaces): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  process.kill(pid, 'SIGKILL'); // the kernel ends all that is within
  await ended;
}

async function killDaemon(exec: LibvirtHost['exec']): Promise<void> {
  await exec('bash', [
    '-c',
    `pid=$(cat /run/libvirtd.pid 2>/dev/null) || exit 0
     [[ $(cat "/proc/$pid/comm" 2>/dev/null) == libvirtd ]] || exit 0
     kill -KILL "$pid"
     while [[ -e /proc/$pid ]]; do sleep 0.02; done`,
  ]);
}

async function startDaemon(exec: LibvirtHost['exec'], root: string, socket: string): Promise<void> {
  try {
    await exec('libvirtd', ['--daemon', '--listen']);
    const deadline = Date.now() + 20_000;
    while (!(await answers(socket))) {
      if (Date.now() > deadline) throw new Error('it does not answer within 20 s');
      await delay(20);
    }
  } catch (error) {
    const log = await readFile(join(root, 'var/log/libvirt/libvirtd.log'), 'utf8').catch(() => '');
    throw new Error(`libvirtd does not start: ${log.slice(-2000)}`, { cause: error });
  }
}

/** Does a libvirtd answer AUTH_LIST (procedure 66, the first call of every client) on this socket? */
function answers(socketPath: string): Promise<boolean> {
  const call = Buffer.alloc(28);
  for (const [index, word] of [28, 0x20008086, 1, 66].entries()) call.writeUInt32BE(word, index * 4);
  return new Promise((resolve) => {
    const socket = createConnection(socketPath);
    const settle = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(5_000, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
    socket.once('data', () => settle(true));
    socket.write(call);
  });
}
