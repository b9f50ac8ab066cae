import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type LibvirtHost, type LibvirtHostOptions, startLibvirtHost } from './libvirt-host.ts';

const run = promisify(execFile);
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** One of several hosts on a network that only they have. */
export interface SwitchedHost extends LibvirtHost {
  /** Its IPv4 address on that network: it exists inside the hosts only. */
  readonly address: string;
  /** Cuts its wire, or mends it. */
  setWire(state: 'up' | 'down'): Promise<void>;
}

export interface LibvirtHosts {
  readonly hosts: readonly SwitchedHost[];
  /** A folder that all of them, and the tests, see under the same path. */
  readonly shared: string;
  /** Ends all hosts and the network. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts several libvirt hosts on one private switch: a bridge in a network namespace of its own, so that
 * nothing of their network is seen outside. They are named `host1`, `host2` …; each libvirtd listens on TCP
 * there, without authentication.
 *
 * @throws Error as `startLibvirtHost` does; what was started has been ended then
 */
export async function startLibvirtHosts({
  count,
  ...options
}: { readonly count: number } & Pick<LibvirtHostOptions, 'silenceSeconds'>): Promise<LibvirtHosts> {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const names = Object.fromEntries(numbers.map((number) => [`host${number}`, addressOf(number)]));
  const shared = await mkdtemp(join(tmpdir(), 'np-shared-'));
  const bridge = await startSwitch();
  const started = await Promise.allSettled(
    numbers.map((number) => {
      const plug = {
        address: addressOf(number),
        names,
        connect: (pid: number) => connect(bridge, number, pid),
      };
      return startLibvirtHost({ ...options, name: `host${number}`, plug });
    }),
  );
  const running = started.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
  const stop = async () => {
    await Promise.all(running.map((host) => host.stop()));
    await endSwitch(bridge);
    await rm(shared, { recursive: true, force: true });
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const hosts = running.map((host, index) => ({
    ...host,
    address: addressOf(index + 1),
    setWire: async (state: 'up' | 'down') => {
      await host.exec('ip', ['link', 'set', 'eth0', state]);
    },
  }));
  return { hosts, shared, stop };
}

function addressOf(number: number): string {
  return `10.99.0.${number}`;
}

/** A process that holds a network namespace with a bridge. It ends with this process, however that ends. */
async function startSwitch(): Promise<ChildProcess> {
  const script = 'ip link add sw type bridge; ip link set sw up; echo ready; cat >/dev/null';
  const child = spawn('unshare', ['--net', 'sh', '-ec', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH },
    detached: true, // a ^C at the terminal reaches the tests, which then end it
  });
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(([status]) => {
      throw new Error(`the switch of the hosts does not start: status ${status}`);
    }),
  ]);
  child.unref();
  for (const stream of [child.stdin, child.stdout]) (stream as { unref?(): void }).unref?.();
  return child;
}

async function endSwitch(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}

/** A wire from the bridge to a host, whose end there is `eth0`. */
async function connect(bridge: ChildProcess, number: number, pid: number): Promise<void> {
  const inSwitch = (...args: string[]) =>
    run('nsenter', ['-t', String(bridge.pid), '--net', 'ip', 'link', ...args], { env: { PATH } });
  const wire = `v${number}`;
  await inSwitch('add', wire, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid));
  await inSwitch('set', wire, 'master', 'sw', 'up');
}
