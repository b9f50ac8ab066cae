import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startAgent } from '../../src/agent/agent.ts';
import type { AgentParts } from '../../src/agent/parts.ts';
import type { HypervisorDriver, ImageSource } from '../../src/hypervisor/driver.ts';
import { createSimulatedDriver } from '../../src/hypervisor/simulated/driver.ts';
import { simulatedHost } from '../../src/hypervisor/simulated/host.ts';
import type { SimulatedNetwork } from '../../src/hypervisor/simulated/network.ts';
import type { HostCapacity, HostDescription } from '../../src/model/host.ts';
import type { HostName } from '../../src/model/ids.ts';
import type { NetworkBackend } from '../../src/network/backend.ts';
import { createSimulatedNetworks } from '../../src/network/simulated/backend.ts';
import type { SerialOption } from '../../src/serial/policy.ts';

export const HOST = 'kant' as HostName;
export const MACHINE_ID = '0123abcd-4567-89ef-0123-456789abcdef';

/** A simulated compute host as a test wants it. */
export interface CloudHostOptions {
  readonly name: HostName;
  readonly serialOption?: SerialOption;
  /** Whether guests that ran before it went down are started again. */
  readonly resumesGuests?: boolean;
  /** As `/etc/machine-id` holds it, or written as a serial. */
  readonly machineId?: string;
  readonly capacity?: Partial<HostCapacity>;
  /** Other than usual of what its driver says of it. */
  readonly description?: Partial<HostDescription>;
  /** Milliseconds; a minute unless said. */
  readonly reportIntervalMs?: number;
}

export interface CloudHost {
  readonly name: HostName;
  /** The driver below any wrapper. */
  readonly driver: HypervisorDriver;
  /** What it holds for ports. */
  readonly networks: NetworkBackend;
  /** Where its guests are, a file each. */
  readonly folder: string;
  /** Where its machine-id is read. */
  readonly machineIdFile: string;
  /** Its agent falls silent; its guests go on. */
  silence(): Promise<void>;
  /** Its agent speaks again, with this option if one is given, and tells of all its guests. */
  speak(serialOption?: SerialOption): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Names of what the first host keeps in the cloud's folder; those of other hosts have the host's name at the
 * end.
 */
const instancesFolder = (name: HostName) => (name === HOST ? 'instances' : `instances-${name}`);
const machineIdName = (name: HostName) => (name === HOST ? 'machine-id' : `machine-id-${name}`);

/** One host of a simulated cloud: driver and agent. */
export async function startCloudHost(
  options: CloudHostOptions,
  parts: Pick<AgentParts, 'bus' | 'now' | 'log'> & {
    readonly cloudFolder: string;
    /** The cloud is made anew, not gone on with. */
    readonly isNew: boolean;
    readonly images: ImageSource;
    readonly network: SimulatedNetwork;
    readonly wrap: ((driver: HypervisorDriver, host: HostName) => HypervisorDriver) | undefined;
    readonly wrapNetworks?: ((networks: NetworkBackend) => NetworkBackend) | undefined;
  },
): Promise<CloudHost> {
  const { name, machineId = MACHINE_ID, serialOption = 'auto' } = options;
  const { bus, now, log, cloudFolder, images, network, wrap } = parts;
  const folder = join(cloudFolder, instancesFolder(name));
  const machineIdFile = join(cloudFolder, machineIdName(name));
  if (parts.isNew) await writeFile(machineIdFile, `${machineId}\n`);
  const usual = simulatedHost(name);
  const description = {
    ...usual,
    ...options.description,
    capacity: { ...usual.capacity, ...options.capacity },
  };
  const driver = await createSimulatedDriver({ folder, description, images, network });
  const ports = join(cloudFolder, `${instancesFolder(name)}-ports`);
  const networks = await createSimulatedNetworks({ folder: ports, physicalNetworks: ['physnet'] });
  const agent = {
    network: parts.wrapNetworks?.(networks) ?? networks,
    ...{ bus, now, log, machineIdFile, serialOption, host: name, hostIp: '127.0.0.1', zone: 'nova' },
    driver: wrap?.(driver, name) ?? driver,
    version: '0.1.0',
    diskPort: 0,
    resumesGuests: options.resumesGuests ?? false,
    reportIntervalMs: options.reportIntervalMs ?? 60_000,
    ids: { hypervisorId: randomUUID(), serviceId: randomUUID() },
  };
  let stopAgent: (() => Promise<void>) | undefined = await startAgent(agent);
  const silence = async () => {
    const stop = stopAgent;
    stopAgent = undefined;
    await stop?.();
  };
  return {
    ...{ name, driver, networks, folder, machineIdFile, silence },
    async speak(option = agent.serialOption) {
      agent.serialOption = option;
      stopAgent ??= await startAgent(agent);
    },
    async stop() {
      await silence();
      await driver.close();
    },
  };
}
