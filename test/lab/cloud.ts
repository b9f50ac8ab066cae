import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { heldServers } from '../../src/agent/held-servers.ts';
import { createInProcessBus } from '../../src/bus/in-process.ts';
import type { HypervisorDriver } from '../../src/hypervisor/driver.ts';
import { SimulatedNetwork } from '../../src/hypervisor/simulated/network.ts';
import { Failure } from '../../src/model/failure.ts';
import type { HostName, ImageId, ProjectId, ServerId } from '../../src/model/ids.ts';
import type { Log } from '../../src/model/log.ts';
import type { QuotaLimits } from '../../src/model/quota.ts';
import type { Server } from '../../src/model/server.ts';
import type { NetworkBackend } from '../../src/network/backend.ts';
import { createEngine, type EngineParts } from '../../src/operations/engine/engine.ts';
import { newReplica } from '../../src/operations/engine/replica.ts';
import type { OperationKind } from '../../src/operations/engine/step.ts';
import { OPERATION_KINDS } from '../../src/operations/kinds/operation-kinds.ts';
import { HostViewCache } from '../../src/operations/placement/host-view.ts';
import { createEventHandler } from '../../src/operations/reconcile/handle-events.ts';
import { createUnaskedOperations } from '../../src/operations/reconcile/unasked-operations.ts';
import { createOperations } from '../../src/operations/requests/create-operations.ts';
import type { Operations } from '../../src/operations/requests/operations.ts';
import type { SchedulerSettings } from '../../src/scheduler/settings.ts';
import type { SerialOption } from '../../src/serial/policy.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/promise/store.ts';
import { type CloudHost, type CloudHostOptions, HOST, startCloudHost } from './cloud-host.ts';
import { logLine } from './log-line.ts';
import { NO_LIMITS } from './requests.ts';
import { USUAL_SCHEDULING } from './scheduling.ts';

/** Synced in no time: power failures are not what these tests are about. */
const MEMORY = '/dev/shm';

export interface CloudOptions {
  /** Goes on with what an earlier cloud left there; by default a folder of its own. */
  readonly folder?: string;
  /** Put between agent and driver. */
  readonly wrap?: (driver: HypervisorDriver, host: HostName) => HypervisorDriver;
  /** Put between agent and networks. */
  readonly wrapNetworks?: (networks: NetworkBackend) => NetworkBackend;
  readonly kinds?: readonly OperationKind[];
  readonly onBoundary?: EngineParts['onBoundary'];
  /** Of the one host, unless `hosts` says more. */
  readonly serialOption?: SerialOption;
  readonly resumesGuests?: boolean;
  readonly hosts?: readonly CloudHostOptions[];
  /** Whether all hosts keep their disks in one place. */
  readonly sharesDisks?: boolean;
  /** Whether its engine is one of several replicas. */
  readonly shared?: boolean;
  readonly scheduler?: Partial<SchedulerSettings>;
  /** Of every project, for what is begun on its servers; none unless given. */
  readonly limits?: QuotaLimits;
}

/** The heart without an API: real store, bus, agent, engine and operations over the simulated driver. */
export interface Cloud {
  readonly folder: string;
  readonly store: Store;
  readonly operations: Operations;
  /** By name, the first one first. */
  readonly hosts: ReadonlyMap<HostName, CloudHost>;
  /** The first host's driver, below any wrapper. */
  readonly driver: HypervisorDriver;
  /** Where the first host's machine-id is read. */
  readonly machineIdFile: string;
  readonly network: SimulatedNetwork;
  /** What an engine is built from: a test may add a replica. */
  readonly engineParts: Omit<EngineParts, 'replica' | 'kinds'>;
  readonly images: { vanish(id: ImageId): void };
  /** Lines of the log, each with its fields. */
  readonly logged: readonly string[];
  /** Resolves when no operation is under way. */
  idle(): Promise<void>;
  server(id: ServerId): Promise<Server>;
  /** All agents tell of all their guests, as they do when they start. */
  tellOfGuests(): Promise<void>;
  /** All agents tell what their hosts hold of servers, as they do when they start. */
  tellOfHeld(): Promise<void>;
  /** Lets go of everything and leaves the folder, as for a restart. */
  stop(): Promise<void>;
  /** Stops and removes the folder. */
  close(): Promise<void>;
}

export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const folder = options.folder ?? (await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'np-cloud-')));
  const logged: string[] = [];
  const log: Log = (event, fields) => void logged.push(logLine(event, fields));
  const vanished = new Set<ImageId>();
  const store = await openStore({ connection: `sqlite:///${join(folder, 'store.sqlite')}` });
  const bus = createInProcessBus();
  const now = Date.now;
  const images = {
    async open(id: ImageId) {
      if (vanished.has(id)) throw new Failure('not-found', `Image ${id} could not be found.`);
      return Readable.from(['data']);
    },
  };
  const settings: EngineParts['settings'] = {
    shutdownMs: 1_000,
    softRebootMs: 1_000,
    liveMigration: { completionTimeoutMs: 60_000, timeoutAction: 'abort' },
    scheduler: { ...USUAL_SCHEDULING, ...options.scheduler },
  };
  const recovered = Promise.withResolvers<void>();
  let unfinished = (await store.operations.unfinished()).length;
  if (unfinished === 0) recovered.resolve();
  const engineParts = { store, bus, hosts: new HostViewCache({ store, now }), settings, now, log };
  const engine = createEngine({
    ...engineParts,
    replica: newReplica({ shared: options.shared ?? false }),
    kinds: options.kinds ?? OPERATION_KINDS,
    onBoundary(at) {
      if (at.boundary === 'end' && --unfinished === 0) recovered.resolve();
      options.onBoundary?.(at);
    },
  });
  const running = new Set<Promise<void>>();
  const watched: typeof engine = {
    ...engine,
    run(operation) {
      const run = engine.run(operation).finally(() => running.delete(run));
      running.add(run);
      return run;
    },
  };
  await bus.subscribe(
    createEventHandler({
      store,
      bus,
      now,
      log,
      adminProject: 'admin' as ProjectId,
      unasked: createUnaskedOperations({ store, engine: watched, now, settings }),
    }),
  );
  const network = new SimulatedNetwork({ sharesDisks: options.sharesDisks ?? false });
  const isNew = options.folder === undefined;
  const hosts = new Map<HostName, CloudHost>();
  for (const each of options.hosts ?? [
    {
      name: HOST,
      serialOption: options.serialOption ?? 'auto',
      resumesGuests: options.resumesGuests ?? false,
    },
  ]) {
    const { wrap, wrapNetworks } = options;
    const parts = { ...{ bus, now, log, images, network, wrap, wrapNetworks, isNew }, cloudFolder: folder };
    hosts.set(each.name, await startCloudHost(each, parts));
  }
  const { driver, machineIdFile } = hosts.values().next().value as CloudHost;

  const operations = createOperations({
    ...engineParts,
    engine: watched,
    limitsOf: async () => options.limits ?? NO_LIMITS,
  });
  await engine.recover();

  const stop = async () => {
    await engine.close();
    for (const host of hosts.values()) await host.stop();
    await bus.close();
    await store.close();
  };
  return {
    ...{ folder, store, operations, hosts, driver, machineIdFile, network, engineParts, logged, stop },
    images: { vanish: (id) => void vanished.add(id) },
    async idle() {
      await recovered.promise;
      while (running.size > 0) await Promise.all(running);
    },
    async server(id) {
      const found = await store.servers.find(id);
      if (found === undefined) throw new Error(`server ${id} is not in the store`);
      return found;
    },
    async tellOfGuests() {
      for (const { name: host, driver: each } of hosts.values())
        for (const guest of await each.guests()) await bus.publish({ type: 'guest', host, guest });
    },
    async tellOfHeld() {
      for (const { name: host, driver: each, networks } of hosts.values()) {
        const servers = await heldServers({ driver: each, network: networks });
        await bus.publish({ type: 'inventory', host, servers });
      }
    },
    stop,
    async close() {
      await stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** The same, for one test: it ends with it. */
export async function startCloudFor(t: TestContext, options: CloudOptions = {}): Promise<Cloud> {
  const cloud = await startCloud(options);
  t.after(() => cloud.close());
  return cloud;
}
