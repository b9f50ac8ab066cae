import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Parts } from './parts.ts';
import type { Release } from './previous-release.ts';

/**
 * Agents of the previous release that are one process: simulated hosts migrate guests live to hosts of their
 * own process only.
 */
export interface PreviousAgents {
  readonly logged: readonly string[];
  end(): Promise<void>;
}

/** Runs in the process of its own, with everything from the release's folder. */
const PROGRAM = `
const { folder, state, server, hosts } = JSON.parse(process.argv[1]);
const from = (file) => import(folder + '/src/' + file);
const [{ startAgent }, { createNatsBus }, { createSimulatedDriver }, { simulatedHost }, { SimulatedNetwork }] =
  await Promise.all(['agent/agent.ts', 'bus/nats.ts', 'hypervisor/simulated/driver.ts',
    'hypervisor/simulated/host.ts', 'hypervisor/simulated/network.ts'].map(from));
const { Readable } = await import('node:stream');
const log = (level, message, fields) => console.log('log', level, message, JSON.stringify(fields ?? {}));
const network = new SimulatedNetwork({ sharesDisks: false });
for (const { name, credentials } of hosts) {
  const bus = await createNatsBus({ name, servers: [server], credentials: Buffer.from(credentials), tlsCa: null, log });
  const driver = await createSimulatedDriver({
    folder: state + '/' + name + '-instances',
    description: simulatedHost(name),
    images: { open: async () => Readable.from(['']) },
    network,
  });
  await startAgent({
    host: name, hostIp: '127.0.0.1', zone: 'nova', driver, bus, log, serialOption: 'unique',
    machineIdFile: '/etc/machine-id', diskPort: 0, reportIntervalMs: 500, version: '0.1.0',
    ids: { hypervisorId: crypto.randomUUID(), serviceId: crypto.randomUUID() }, now: Date.now,
  });
}
console.log('ready');
`;

/** Starts them; each is served when this resolves. */
export async function startPreviousAgents(
  release: Release,
  { parts, hosts }: { readonly parts: Parts; readonly hosts: readonly string[] },
): Promise<PreviousAgents> {
  const withCredentials: { name: string; credentials: string }[] = [];
  for (const name of hosts) {
    const dir = join(parts.folder, 'bus');
    await parts.nameplate('host', 'add', name, '--dir', dir);
    const credentials = await readFile(join(dir, 'hosts', `${name}.creds`), 'utf8');
    withCredentials.push({ name, credentials });
  }
  const options = { folder: release.folder, state: parts.folder, server: parts.nats.url };
  const job = JSON.stringify({ ...options, hosts: withCredentials });
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
