import { type Gateway, openGateway } from './gateway.ts';
import type { LibvirtHostOptions } from './libvirt-host.ts';
import type { LibvirtHosts, SwitchedHost } from './libvirt-hosts.ts';
import { startLibvirtHosts } from './libvirt-hosts.ts';
import type { Part } from './part.ts';
import { type PartSettings, type Parts, startParts } from './parts.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';
import { type Splitter, startSplitter } from './splitter.ts';

/**
 * The compute hosts of the lab, in order: the option of each, for guests that neither flavor nor image
 * decides about.
 */
export const SERIAL_OPTIONS = ['auto', 'os', 'unique'] as const;
/** Where guests' files are on each host: a folder of its own that has the same name everywhere. */
const INSTANCES_PATH = '/var/lib/libvirt/nameplate';

/** A compute host of the lab: the machine, and the agent on it. */
export interface ComputeHostOfLab {
  readonly name: string;
  readonly serialOption: (typeof SERIAL_OPTIONS)[number];
  readonly machine: SwitchedHost;
  readonly agent: Part;
  /** Its agent's way to NATS, where agents are on their hosts' own network. */
  readonly wayToBus: Gateway | undefined;
  /** Starts the agent again, once it has ended, or that of another release by its command. */
  restartAgent(command?: string): Promise<Part>;
}

/**
 * A cloud of many machines on this one: PostgreSQL, NATS, two replicas behind one address, agents on libvirt
 * hosts of their own.
 */
export interface ManyHosts {
  /** Where clients reach the replicas. */
  readonly url: string;
  readonly parts: Parts;
  readonly postgres: PostgresServer;
  readonly replicas: readonly Part[];
  readonly hosts: readonly ComputeHostOfLab[];
  /** A folder that all hosts see under the same path. */
  readonly shared: string;
  /** Ends all of it and removes what it kept. */
  close(): Promise<void>;
}

export interface ManyHostsOptions {
  /** Where the replicas are reached; default: loopback, any free port. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** Where the parts keep what they keep; it is removed at the end. */
  readonly folder?: string;
  /** Settings of every replica, and of every agent, beside the lab's own. */
  readonly control?: PartSettings;
  readonly agents?: PartSettings;
  /** Settings of the agent of one host, by its name, beside those. */
  readonly agentOf?: Readonly<Record<string, PartSettings>>;
  /** What is done on each host before its agent starts. */
  readonly prepare?: (machine: SwitchedHost) => Promise<void>;
  /**
   * Whether agents are on their hosts' own network, so that disks travel over the wires between them; else
   * all are on this machine's loopback.
   */
  readonly agentsOnWire?: boolean;
  /** What each libvirt host is started with. */
  readonly machines?: Pick<LibvirtHostOptions, 'silenceSeconds'>;
  readonly say?: (line: string) => void;
}

/** @throws Error when a part does not start; what was started has been ended then */
export async function startManyHosts(options: ManyHostsOptions = {}): Promise<ManyHosts> {
  const { listen = { host: '127.0.0.1', port: 0 }, say = () => undefined } = options;
  const endings: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    say('starting PostgreSQL, NATS and three libvirt hosts');
    const [postgres, machines] = await both(
      startPostgres().then(ending(endings, (server) => server.remove())),
      startLibvirtHosts({ ...options.machines, count: SERIAL_OPTIONS.length }).then(
        ending(endings, (hosts) => hosts.stop()),
      ),
    );
    const { prepare } = options;
    if (prepare !== undefined) await Promise.all(machines.hosts.map(prepare));
    const database = await postgres.createDatabase('loopback');
    const parts = await startParts({
      database,
      ...(options.folder === undefined ? {} : { folder: options.folder }),
    });
    endings.push(() => parts.close());

    say('starting two replicas of the control plane and three agents');
    const { splitter, replicas } = await startReplicas(parts, listen, options.control);
    endings.push(() => splitter.close());
    const url = `http://${splitter.address}`;
    await parts.furnish({ guests: true, say });
    const ports = { bus: parts.nats.port, api: Number(new URL(url).port) };
    const ways = options.agentsOnWire ? await openWays(machines, ports, endings) : [];
    const hosts = await startAgents(parts, machines, {
      settings: (name) => joined(options.agents, options.agentOf?.[name]),
      ways,
    });
    return { ...{ url, parts, postgres, replicas, hosts, close }, shared: machines.shared };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startReplicas(
  parts: Parts,
  listen: { host: string; port: number },
  settings: PartSettings = {},
): Promise<{ splitter: Splitter; replicas: Part[] }> {
  const targets: URL[] = [];
  const splitter = await startSplitter(listen, targets); // first, for the replicas name it in their catalog
  const replicas: Part[] = [];
  try {
    for (const name of ['replica1', 'replica2']) {
      const replica = await parts.serve(name, {
        ...settings,
        nameplate: { public_url: `http://${splitter.address}`, ...settings.nameplate },
      });
      replicas.push(replica);
      targets.push(new URL(replica.url));
    }
    return { splitter, replicas };
  } catch (error) {
    await splitter.close();
    throw error;
  }
}

/**
 * Agents on their hosts' own network reach NATS and the APIs at the same addresses as here. @returns the ways
 * to NATS
 */
async function openWays(
  { hosts }: LibvirtHosts,
  ports: { readonly bus: number; readonly api: number },
  endings: (() => Promise<unknown>)[],
): Promise<Gateway[]> {
  const open = (pid: number, port: number) =>
    openGateway({ pid, port }).then(ending(endings, (way) => way.close()));
  const [ways] = await both(
    Promise.all(hosts.map(({ pid }) => open(pid, ports.bus))),
    Promise.all(hosts.map(({ pid }) => open(pid, ports.api))),
  );
  return ways;
}

async function startAgents(
  parts: Parts,
  machines: LibvirtHosts,
  { settings: settingsOf, ways }: { settings: (name: string) => PartSettings; ways: readonly Gateway[] },
): Promise<ComputeHostOfLab[]> {
  return Promise.all(
    machines.hosts.map(async (machine, index) => {
      const serialOption = SERIAL_OPTIONS[index % SERIAL_OPTIONS.length] ?? 'auto';
      const { name } = machine;
      const settings = settingsOf(name);
      const wayToBus = ways[index];
      const namespaces = ['--mount', '--pid', '--uts', ...(wayToBus === undefined ? [] : ['--net'])];
      const inside = ['nsenter', '-t', String(machine.pid), ...namespaces, '--wd=/'];
      const address = wayToBus === undefined ? `127.0.1.${index + 1}` : machine.address;
      const start = (command?: string) =>
        parts.agent(
          name,
          {
            ...settings,
            DEFAULT: {
              ...{ my_ip: address, instances_path: INSTANCES_PATH, report_interval: '2' },
              ...settings.DEFAULT,
            },
            libvirt: {
              ...{ connection_uri: 'qemu:///system', virt_type: 'qemu', sysinfo_serial: serialOption },
              ...{ live_migration_inbound_addr: machine.address },
              ...settings.libvirt,
            },
          },
          { inside, ...(command === undefined ? {} : { command }) },
        );
      let agent = await start();
      return {
        ...{ name, serialOption, machine, wayToBus },
        get agent() {
          return agent;
        },
        async restartAgent(command?: string) {
          agent = await start(command);
          return agent;
        },
      };
    }),
  );
}

/** Two sets of settings; the second one's values come first. */
function joined(one: PartSettings = {}, two: PartSettings = {}): PartSettings {
  const sections = new Set([...Object.keys(one), ...Object.keys(two)]);
  return Object.fromEntries([...sections].map((name) => [name, { ...one[name], ...two[name] }]));
}

/** Notes how to end what has been started, as soon as it has. */
function ending<T>(endings: (() => Promise<unknown>)[], end: (started: T) => Promise<unknown>) {
  return (started: T): T => {
    endings.push(() => end(started));
    return started;
  };
}

/** As `Promise.all`, but not before each of them has come to its end: what starts is then known. */
async function both<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}
