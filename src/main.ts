import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { startAgent } from './agent/agent.ts';
import type { AgentParts } from './agent/parts.ts';
import { buildApi } from './api/app.ts';
import { bootstrapIdentity } from './api/identity/bootstrap.ts';
import type { ImageData } from './api/parts.ts';
import { createInProcessBus } from './bus/in-process.ts';
import type { Config } from './config/declared.ts';
import type { HypervisorDriver, ImageSource } from './hypervisor/driver.ts';
import { createLibvirtDriver } from './hypervisor/libvirt/driver.ts';
import type { GuestNetwork } from './hypervisor/libvirt/xml/domain-inputs.ts';
import { createSimulatedDriver } from './hypervisor/simulated/driver.ts';
import { simulatedHost } from './hypervisor/simulated/host.ts';
import { asFailure, Failure } from './model/failure.ts';
import type { HostName, ProjectId } from './model/ids.ts';
import { createEngine, type EngineParts } from './operations/engine.ts';
import { createOperations, OPERATION_KINDS } from './operations/service.ts';
import type { Settings } from './operations/step.ts';
import { newsTaker } from './operations/take-news.ts';
import { openImageFiles } from './store/image-files.ts';
import { openStore } from './store/open.ts';
import type { Store } from './store/store.ts';

/** Takes one line for the log; `fields` say what it is about. */
export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Record<string, unknown>,
) => void;

/** What a service is built from. */
export interface ServiceRequest {
  readonly config: Config;
  /** Given to the user `admin` when it is made, on the first run. */
  readonly adminPassword: string;
  readonly log: Log;
  readonly onBoundary?: EngineParts['onBoundary'];
}

/** A running service: API, store and agent in this process. */
export interface Service {
  /** e.g. `http://127.0.0.1:8774` */
  readonly url: string;
  readonly store: Store;
  readonly imageData: ImageData;
  readonly adminProject: ProjectId;
  /** Answers what is under way, then lets go of everything. Guests go on; operations go on at the next start. */
  close(): Promise<void>;
}

/**
 * Builds the real parts, joins them and starts them. The one place that knows them all.
 * @throws {Failure} when a part cannot start; the ones before it have been ended again
 */
export async function startService(request: ServiceRequest): Promise<Service> {
  const { config, log } = request;
  const now = Date.now;
  const ending: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of ending.splice(0).reverse()) {
      await end().catch((error) =>
        log('error', 'a part did not end well', { why: asFailure(error).operatorText }),
      );
    }
  };
  try {
    const { state_path: stateDir } = config.DEFAULT;
    await mkdir(stateDir, { recursive: true, mode: 0o711 });
    const store = await openStore({ connection: connectionOf(config) });
    ending.push(() => store.close());
    const { projectId } = await bootstrapIdentity(store, { adminPassword: request.adminPassword });
    const imageData = await openImageFiles({ folder: join(stateDir, 'images'), store });
    const bus = createInProcessBus();
    ending.push(() => bus.close());
    await bus.hear(newsTaker({ store, bus, now, log }));

    const driver = await openDriver(config, { images: { open: (id) => imageData.read(id) }, log });
    ending.push(() => driver.close());
    const settings = settingsOf(config);
    const hook = request.onBoundary === undefined ? {} : { onBoundary: request.onBoundary };
    const engine = createEngine({ store, bus, kinds: OPERATION_KINDS, settings, now, log, ...hook });
    ending.push(await startHost(config, { driver, bus, now, log }));
    ending.push(() => engine.close());

    const operations = createOperations({ store, engine, bus, now });
    const app = await buildApi({ store, operations, imageData, config, now, log });
    ending.push(() => app.close());
    await engine.recover();
    await listen(app, config.nameplate.listen);
    return {
      url: urlOf(app.server.address() as AddressInfo),
      store,
      imageData,
      adminProject: projectId,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openDriver(
  config: Config,
  parts: { images: ImageSource; log: Log },
): Promise<HypervisorDriver> {
  const folder = config.DEFAULT.instances_path;
  if (config.nameplate.driver === 'simulated')
    return createSimulatedDriver({
      folder,
      description: simulatedHost(config.DEFAULT.host),
      images: parts.images,
    });
  const { libvirt } = config;
  return createLibvirtDriver({
    ...parts,
    instancesDir: folder,
    cacheDir: join(folder, config.image_cache.subdirectory_name),
    daemonDir: join(config.DEFAULT.state_path, 'libvirtd'),
    connectionUri: libvirt.connection_uri === undefined ? null : String(libvirt.connection_uri),
    virtType: libvirt.virt_type,
    cpuMode: libvirt.cpu_mode,
    cpuModel: libvirt.cpu_models[0] ?? null,
    network: networkOf(config),
    vmdkAllowedTypes: config.compute.vmdk_allowed_types,
    nameplateVersion: packageJson.version,
    forceConfigDrive: config.DEFAULT.force_config_drive,
  });
}

function networkOf({ libvirt: { network_type: type, network_name: name } }: Config): GuestNetwork {
  return type === 'none' || name === undefined ? { type: 'none' } : { type, name };
}

function startHost(
  config: Config,
  parts: Pick<AgentParts, 'driver' | 'bus' | 'now' | 'log'>,
): Promise<() => Promise<void>> {
  return startAgent({
    ...parts,
    host: config.DEFAULT.host as HostName,
    hostIp: config.DEFAULT.my_ip,
    zone: config.DEFAULT.default_availability_zone,
    serialOption: config.libvirt.sysinfo_serial,
    machineIdFile: config.nameplate.machine_id_file,
    reportIntervalMs: config.DEFAULT.report_interval * 1000,
    version: packageJson.version,
    ids: { hypervisorId: randomUUID(), serviceId: randomUUID() },
  });
}

function settingsOf({ DEFAULT, libvirt }: Config): Settings {
  return {
    shutdownMs: DEFAULT.shutdown_timeout * 1000,
    softRebootMs: libvirt.wait_soft_reboot_seconds * 1000,
    scheduler: {
      cpuAllocationRatio: DEFAULT.cpu_allocation_ratio,
      ramAllocationRatio: DEFAULT.ram_allocation_ratio,
      diskAllocationRatio: DEFAULT.disk_allocation_ratio,
      reservedMemoryMb: DEFAULT.reserved_host_memory_mb,
      reservedDiskGb: DEFAULT.reserved_host_disk_mb / 1024,
      serviceDownMs: DEFAULT.service_down_time * 1000,
    },
  };
}

function connectionOf({ database: { connection } }: Config): string {
  return connection.dialect === 'sqlite' ? `sqlite:///${connection.path}` : connection.url;
}

async function listen(
  app: Awaited<ReturnType<typeof buildApi>>,
  at: { host: string; port: number },
): Promise<void> {
  try {
    await app.listen(at);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another program listens there' : (error as Error).message;
    throw new Failure(
      'unavailable',
      `[nameplate] listen: ${at.host}:${at.port} cannot be listened on: ${why}`,
    );
  }
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
