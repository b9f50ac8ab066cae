import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { startAgent } from '../agent/agent.ts';
import { tidyImages } from '../agent/tidy-images.ts';
import type { Bus } from '../bus/bus.ts';
import type { Config } from '../config/declared.ts';
import type { HypervisorDriver, ImageSource } from '../hypervisor/driver.ts';
import type { LibvirtDriverOptions } from '../hypervisor/libvirt/driver.ts';
import type { GuestNetwork } from '../hypervisor/libvirt/xml/domain-inputs.ts';
import type { HostName } from '../model/ids.ts';
import type { Log } from '../model/log.ts';
import type { NetworkBackend } from '../network/backend.ts';
import type { PhysicalNetwork } from '../network/libvirt/options.ts';
import { stopAll, stoppedOnFailure } from './stop-all.ts';
import { tidyIntervalOf } from './tidy-interval.ts';

/** Input of {@link startHost}. */
export interface HostRequest {
  readonly config: Config;
  readonly bus: Bus;
  readonly images: ImageSource;
  readonly log: Log;
}

/**
 * Builds and starts driver and agent of the configured compute host.
 * @returns a function that stops them; guests keep running
 * @throws {Failure} when one cannot start; the other is stopped
 */
export async function startHost({ config, bus, images, log }: HostRequest): Promise<() => Promise<void>> {
  return stoppedOnFailure(log, async (started) => {
    const { driver, network } = await openHost(config, { images, log });
    started.defer(() => driver.close());
    started.defer(() => network.close());
    const stop = await startAgent({
      ...{ driver, network, bus, log, now: Date.now },
      host: config.DEFAULT.host as HostName,
      hostIp: config.DEFAULT.my_ip,
      zone: config.DEFAULT.default_availability_zone,
      serialOption: config.libvirt.sysinfo_serial,
      machineIdFile: config.nameplate.machine_id_file,
      resumesGuests: config.DEFAULT.resume_guests_state_on_host_boot,
      diskPort: config.nameplate.disk_port,
      reportIntervalMs: config.DEFAULT.report_interval * 1000,
      version: packageJson.version,
      ids: { hypervisorId: randomUUID(), serviceId: randomUUID() },
    });
    started.defer(stop);
    const intervalMs = tidyIntervalOf(config);
    if (intervalMs !== null)
      started.defer(tidyImages({ driver, log, host: config.DEFAULT.host as HostName, intervalMs }));
    return () => stopAll(started, log);
  });
}

interface Opened {
  readonly driver: HypervisorDriver;
  readonly network: NetworkBackend;
}

/**
 * Builds the driver that the configuration names, and its networks. It does not load the other driver: that
 * costs memory.
 */
async function openHost(config: Config, parts: { images: ImageSource; log: Log }): Promise<Opened> {
  return config.nameplate.driver === 'simulated'
    ? openSimulated(config, parts.images)
    : openLibvirt(config, parts);
}

async function openSimulated(config: Config, images: ImageSource): Promise<Opened> {
  const { createSimulatedDriver } = await import('../hypervisor/simulated/driver.ts');
  const { simulatedHost } = await import('../hypervisor/simulated/host.ts');
  const { createSimulatedNetworks } = await import('../network/simulated/backend.ts');
  const { hold_cpu: holdsCpu, cpu_models: cpuModels } = config.libvirt;
  const description = simulatedHost(config.DEFAULT.host, { holdsCpu, cpuModels });
  const folder = config.DEFAULT.instances_path;
  const physicalNetworks = [...physicalNetworksOf(config).keys()];
  return {
    driver: await createSimulatedDriver({ folder, description, images }),
    network: await createSimulatedNetworks({ folder: portsFolder(config), physicalNetworks }),
  };
}

async function openLibvirt(config: Config, parts: { images: ImageSource; log: Log }): Promise<Opened> {
  const { createLibvirtDriver } = await import('../hypervisor/libvirt/driver.ts');
  const { LibvirtNetworks } = await import('../network/libvirt/libvirt-networks.ts');
  const driver = await createLibvirtDriver({ ...parts, ...libvirtOptions(config) });
  const physicalNetworks = physicalNetworksOf(config);
  return {
    driver,
    network: new LibvirtNetworks({ calls: driver.link, folder: portsFolder(config), physicalNetworks }),
  };
}

/** Where the host remembers what it made for ports. */
function portsFolder({ DEFAULT }: Config): string {
  return join(DEFAULT.state_path, 'ports');
}

/** What `[linux_bridge] bridge_mappings` names, and the network of `[libvirt] network_name` by its name. */
function physicalNetworksOf(config: Config): ReadonlyMap<string, PhysicalNetwork> {
  const mapped = config.linux_bridge.bridge_mappings.map((mapping): [string, PhysicalNetwork] => {
    const at = mapping.indexOf(':');
    return [mapping.slice(0, at), { type: 'bridge', name: mapping.slice(at + 1) }];
  });
  const own = networkOf(config);
  return new Map(own.type === 'none' ? mapped : [[own.name, own], ...mapped]);
}

function libvirtOptions(config: Config): Omit<LibvirtDriverOptions, 'images' | 'log'> {
  const { libvirt } = config;
  const folder = config.DEFAULT.instances_path;
  return {
    instancesDir: folder,
    cacheDir: join(folder, config.image_cache.subdirectory_name),
    unusedImageAgeMs: config.image_cache.remove_unused_original_minimum_age_seconds * 1000,
    daemonDir: join(config.DEFAULT.state_path, 'libvirtd'),
    connectionUri: libvirt.connection_uri === undefined ? null : String(libvirt.connection_uri),
    virtType: libvirt.virt_type,
    cpuMode: libvirt.cpu_mode,
    cpuModel: libvirt.cpu_models[0] ?? null,
    holdsCpu: libvirt.hold_cpu,
    network: networkOf(config),
    machineTypes: new Map(libvirt.hw_machine_type.map((pair) => pair.split('=') as [string, string])),
    migration: {
      uri: libvirt.live_migration_uri,
      bandwidthMib: libvirt.live_migration_bandwidth,
      inboundAddress: libvirt.live_migration_inbound_addr ?? config.DEFAULT.my_ip,
    },
    maxImageDiskGb: config.nameplate.max_image_disk_gb,
    vmdkAllowedTypes: config.compute.vmdk_allowed_types,
    nameplateVersion: packageJson.version,
    forceConfigDrive: config.DEFAULT.force_config_drive,
  };
}

function networkOf({ libvirt: { network_type: type, network_name: name } }: Config): GuestNetwork {
  return type === 'none' || name === undefined ? { type: 'none' } : { type, name };
}
