import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import packageJson from '../../package.json' with { type: 'json' };
import type { Parts } from './parts.ts';
import { PREVIOUS_RELEASE, type Release } from './previous-release.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

/**
 * Agents of the previous release, and of this checkout beside them, in one process: simulated hosts migrate
 * guests live to hosts of their own process only.
 */
export interface PreviousAgents {
  readonly logged: readonly string[];
  end(): Promise<void>;
}

/**
 * Runs in a process of its own. Each agent has everything from the folder of its release, but the network.
 */
const PROGRAM = `
const { state, server, hosts, root } = JSON.parse(process.argv[1]);
const partsOf = async (folder) => Object.assign({}, ...await Promise.all(
  ['agent/agent.ts', 'bus/nats.ts', 'hypervisor/simulated/driver.ts', 'hypervisor/simulated/host.ts',
    'hypervisor/simulated/network.ts'].map((file) => import(folder + '/src/' + file))));
const { Readable } = await import('node:stream');
// This release logs an event with its fields, the one before a level, a message and fields.
const log = (...said) => console.log('log', ...said.map((each) => typeof each === 'string' ? each : JSON.stringify(each)));
let migrations;
const networksOf = async (folder) => {
  const { createSimulatedNetworks } = await import(root + '/src/network/simulated/backend.ts');
  return createSimulatedNetworks({ folder, physicalNetworks: [] });
};
for (const { name, credentials, folder, version } of hosts) {
  const isNew = folder === root;
  const { startAgent, createNatsBus, createSimulatedDriver, simulatedHost, SimulatedNetwork } = await partsOf(folder);
  migrations ??= new SimulatedNetwork({ sharesDisks: false });
  const bus = await createNatsBus({ name, servers: [server], credentials: Buffer.from(credentials), tlsCa: null, log });
  const driver = await createSimulatedDriver({
    folder: state + '/' + name + '-instances',
    description: simulatedHost(name),
    images: { open: async () => Readable.from(['']) },
    network: migrations,
  });
  const networks = isNew ? await networksOf(state + '/' + name + '-ports') : undefined;
  await startAgent({
    ...(isNew && { network: networks }),
    host: name, hostIp: '127.0.0.1', zone: 'nova', driver, bus, log, serialOption: 'unique',
    machineIdFile: '/etc/machine-id', diskPort: 0, reportIntervalMs: 500, version,
    ids: { hypervisorId: crypto.randomUUID(), serviceId: crypto.randomUUID() }, now: Date.now,
  });
}
console.log('ready');
`;

/** Starts them; each is served when this resolves. */
export async function startPreviousAgents(
  release: Release,
  {
    parts,
    hosts,
    beside = [],
  }: {
    readonly parts: Parts;
    readonly hosts: readonly string[];
    /** Hosts whose agents are of this checkout. */
    readonly beside?: readonly string[];
  },
): Promise<PreviousAgents> {
  const agents: { name: string; credentials: string; folder: string; version: string }[] = [];
  for (const name of [...hosts, ...beside]) {
    const dir = join(parts.folder, 'bus');
    await parts.nameplate('host', 'add', name, '--dir', dir);
    const credentials = await readFile(join(dir, 'hosts', `${name}.creds`), 'utf8');
    const of = beside.includes(name)
      ? { folder: ROOT, version: packageJson.version }
      : { folder: release.folder, version: PREVIOUS_RELEASE.version };
    agents.push({ name, credentials, ...of });
  }
  const job = JSON.stringify({ state: parts.folder, server: parts.nats.url, hosts: agents, root: ROOT });
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, job], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const logged: string[] = [];
  const ready = Promise.withResolvers<void>();
  createInterface(child.stdout).on('line', (line) =>
    line === 'ready' ? ready.resolve() : logged.push(line),
  );
  child.once('exit', () => ready.reject(new Error(`the agents ended:\n${logged.join('\n')}`)));
  await ready.promise;
  return {
    logged,
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
