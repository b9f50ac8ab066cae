import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { buildApi } from '../api/app.ts';
import { serverLimitsOf } from '../api/compute/quota.ts';
import { bootstrapIdentity } from '../api/identity/bootstrap.ts';
import { createApiParts } from '../api/parts.ts';
import type { Bus } from '../bus/bus.ts';
import type { Config } from '../config/declared.ts';
import type { ImageSource } from '../hypervisor/driver.ts';
import type { ImageData } from '../image-data/image-data.ts';
import { openImageFiles } from '../image-data/image-files.ts';
import { Failure } from '../model/failure.ts';
import type { ProjectId } from '../model/ids.ts';
import type { Log } from '../model/log.ts';
import { createEngine, type EngineParts } from '../operations/engine/engine.ts';
import { createImageLinks } from '../operations/engine/image-links.ts';
import { newReplica } from '../operations/engine/replica.ts';
import type { Settings } from '../operations/engine/settings.ts';
import { OPERATION_KINDS } from '../operations/kinds/operation-kinds.ts';
import { HostViewCache } from '../operations/placement/host-view.ts';
import { createEventHandler } from '../operations/reconcile/handle-events.ts';
import { createUnaskedOperations } from '../operations/reconcile/unasked-operations.ts';
import { createOperations } from '../operations/requests/create-operations.ts';
import { imageDataForHosts } from '../operations/requests/image-data-for-hosts.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/promise/store.ts';
import { connectionOf } from './connection.ts';
import { makeFirstNetwork } from './first-network.ts';
import { startPortSweeps } from './port-sweeps.ts';
import { startPurging } from './purging.ts';
import { stopAll, stoppedOnFailure } from './stop-all.ts';

/** Input of {@link startControl}. */
export interface ControlRequest {
  readonly config: Config;
  readonly bus: Bus;
  /** Password for the user `admin`, which the first start creates. */
  readonly adminPassword: string;
  /** Whether other replicas may use the same store and the same image directory. */
  readonly shared: boolean;
  readonly log: Log;
  readonly onBoundary?: EngineParts['onBoundary'];
  /** Starts the compute host of this process: after the subscription to events, before operations resume. */
  readonly startHost?: (images: ImageSource) => Promise<() => Promise<void>>;
}

/** A running replica of the control plane: API, operations and store. */
export interface Control {
  /** e.g. `http://127.0.0.1:8774` */
  readonly url: string;
  readonly store: Store;
  readonly imageData: ImageData;
  readonly adminProject: ProjectId;
  /** The name of this replica, which owns the operations that it runs. */
  readonly replica: string;
  /** Whether this start created the user `admin` with the given password. */
  readonly madeAdmin: boolean;
  /**
   * Finishes open requests, then closes everything. Guests keep running; operations resume at the next start.
   */
  close(): Promise<void>;
}

/**
 * Builds and starts the parts of the control plane.
 * @throws {Failure} when a part cannot start; the parts before it are stopped
 */
export async function startControl(request: ControlRequest): Promise<Control> {
  const { config, bus, log } = request;
  const now = Date.now;
  return stoppedOnFailure(log, async (started) => {
    await mkdir(config.DEFAULT.state_path, { recursive: true, mode: 0o711 });
    const store = await openStore({ connection: connectionOf(config) });
    started.defer(() => store.close());
    const { projectId, madeAdmin } = await bootstrapIdentity(store, {
      adminPassword: request.adminPassword,
    });
    await makeFirstNetwork(store, { config, projectId, runsGuests: runsGuests(request), now, log });
    const imageData = await openImageFiles({
      folder: config.image.filesystem_store_datadir,
      store,
      isShared: request.shared,
    });
    if (request.shared) started.defer(pollHosts(store, config.DEFAULT.service_down_time * 1000));

    const settings = settingsOf(config);
    const hook = request.onBoundary === undefined ? {} : { onBoundary: request.onBoundary };
    const replica = newReplica({ shared: request.shared });
    let { port } = config.nameplate.listen;
    const imageLinks =
      request.startHost === undefined
        ? createImageLinks({
            secret: await store.secrets.agree('image-links', randomBytes(32).toString('base64url')),
            base: () => baseForAgents(config, port),
            now,
          })
        : undefined;
    const links = imageLinks === undefined ? {} : { imageLinks };
    const hosts = new HostViewCache({ store, now });
    const engine = createEngine({
      ...{ store, bus, hosts, settings, now, log, replica, kinds: OPERATION_KINDS },
      ...hook,
      ...links,
    });
    await bus.subscribe(
      createEventHandler({
        ...{ store, bus, now, log, adminProject: projectId },
        unasked: createUnaskedOperations({ store, engine, now, settings }),
      }),
    );
    if (request.startHost !== undefined)
      started.defer(
        await request.startHost({
          open: async (id) => (await imageDataForHosts({ store, imageData }, id)).data,
        }),
      );
    started.defer(() => engine.close());

    const operations = createOperations({
      ...{ store, engine, bus, now, log, settings },
      ...links,
      limitsOf: (project) => serverLimitsOf(project, store, config),
    });
    const app = await buildApi({
      ...{ store, operations, imageData, config, now, log },
      ...{ ...createApiParts({ store, config, now }, [hosts]), ...links },
    });
    started.defer(() => app.close());
    await engine.recover();
    started.defer(
      startPurging({ ...{ store, now, log }, owner: replica.id, days: config.database.purge_after_days }),
    );
    started.defer(startPortSweeps(operations, log));
    await listen(app, config.nameplate.listen);
    const bound = app.server.address() as AddressInfo;
    port = bound.port;
    return {
      ...{ store, imageData, madeAdmin },
      url: urlOf(bound),
      adminProject: projectId,
      replica: replica.id,
      close: () => stopAll(started, log),
    };
  });
}

/** Whether this process has real guests on its own machine. */
function runsGuests({ config, startHost }: ControlRequest): boolean {
  return startHost !== undefined && config.nameplate.driver === 'libvirt';
}

/**
 * Reads the hosts regularly: a replica measures by its own clock how long a host has been silent, so it must
 * see each report soon, also while it is idle.
 * @returns a function that stops it
 */
function pollHosts(store: Store, serviceDownMs: number): () => Promise<void> {
  const timer = setInterval(() => void store.hosts.list().catch(() => undefined), serviceDownMs / 6);
  timer.unref();
  return async () => clearInterval(timer);
}

function settingsOf({ DEFAULT, libvirt, filter_scheduler: scheduling }: Config): Settings {
  return {
    shutdownMs: DEFAULT.shutdown_timeout * 1000,
    softRebootMs: libvirt.wait_soft_reboot_seconds * 1000,
    liveMigration: {
      completionTimeoutMs: libvirt.live_migration_completion_timeout * 1000 || Number.POSITIVE_INFINITY,
      timeoutAction: libvirt.live_migration_timeout_action,
    },
    scheduler: {
      cpuAllocationRatio: DEFAULT.cpu_allocation_ratio,
      ramAllocationRatio: DEFAULT.ram_allocation_ratio,
      diskAllocationRatio: DEFAULT.disk_allocation_ratio,
      reservedMemoryMb: DEFAULT.reserved_host_memory_mb,
      reservedDiskGb: DEFAULT.reserved_host_disk_mb / 1024,
      serviceDownMs: DEFAULT.service_down_time * 1000,
      enabledFilters: scheduling.enabled_filters,
      multipliers: {
        ram: scheduling.ram_weight_multiplier,
        numInstances: scheduling.num_instances_weight_multiplier,
        softAffinity: scheduling.soft_affinity_weight_multiplier,
        softAntiAffinity: scheduling.soft_anti_affinity_weight_multiplier,
        serialStability: scheduling.serial_stability_weight_multiplier,
      },
    },
  };
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
    throw new Failure('unavailable', `[nameplate] listen: cannot listen on ${at.host}:${at.port}: ${why}`);
  }
}

/**
 * The URL of this replica for other machines. If it listens on all addresses, the host's own address is used.
 */
function baseForAgents(
  { nameplate: { listen, public_url: configured }, DEFAULT }: Config,
  port: number,
): string {
  if (configured !== undefined) return String(configured);
  const isEverywhere = listen.host === '0.0.0.0' || listen.host === '::';
  const address = isEverywhere ? DEFAULT.my_ip : listen.host;
  return urlOf({ address, family: address.includes(':') ? 'IPv6' : 'IPv4', port });
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
