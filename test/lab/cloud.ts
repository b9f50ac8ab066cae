import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { startAgent } from '../../src/agent/agent.ts';
import { createInProcessBus } from '../../src/bus/in-process.ts';
import type { HypervisorDriver } from '../../src/hypervisor/driver.ts';
import { createSimulatedDriver } from '../../src/hypervisor/simulated/driver.ts';
import { simulatedHost } from '../../src/hypervisor/simulated/host.ts';
import { Failure } from '../../src/model/failure.ts';
import type { HostName, ImageId, ServerId } from '../../src/model/ids.ts';
import type { Server } from '../../src/model/server.ts';
import { createEngine, type EngineParts } from '../../src/operations/engine.ts';
import type { Operations } from '../../src/operations/operations.ts';
import { newReplica } from '../../src/operations/replica.ts';
import { createOperations, OPERATION_KINDS } from '../../src/operations/service.ts';
import type { OperationKind } from '../../src/operations/step.ts';
import { newsTaker } from '../../src/operations/take-news.ts';
import type { SchedulerSettings } from '../../src/scheduler/settings.ts';
import type { SerialOption } from '../../src/serial/policy.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { USUAL_SCHEDULING } from './scheduling.ts';

/** Synced in no time: power failures are not what these tests are about. */
const MEMORY = '/dev/shm';
export const HOST = 'kant' as HostName;
export const MACHINE_ID = '0123abcd-4567-89ef-0123-456789abcdef';

export interface CloudOptions {
  /** Goes on with what an earlier cloud left there; by default a folder of its own. */
  readonly folder?: string;
  /** Put between agent and driver. */
  readonly wrap?: (driver: HypervisorDriver) => HypervisorDriver;
  readonly kinds?: readonly OperationKind[];
  readonly onBoundary?: EngineParts['onBoundary'];
  readonly serialOption?: SerialOption;
  readonly scheduler?: Partial<SchedulerSettings>;
}

/** The heart without an API: real store, bus, agent, engine and operations over the simulated driver. */
export interface Cloud {
  readonly folder: string;
  readonly store: Store;
  readonly operations: Operations;
  /** The driver below any wrapper. */
  readonly driver: HypervisorDriver;
  /** Where the host's machine-id is read. */
  readonly machineIdFile: string;
  readonly images: { vanish(id: ImageId): void };
  /** Lines of the log, each with its fields. */
  readonly logged: readonly string[];
  /** Resolves when no operation is under way. */
  idle(): Promise<void>;
  server(id: ServerId): Promise<Server>;
  /** Lets go of everything and leaves the folder, as for a restart. */
  stop(): Promise<void>;
  /** Stops and removes the folder. */
  close(): Promise<void>;
}

export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const folder = options.folder ?? (await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'np-cloud-')));
  const machineIdFile = join(folder, 'machine-id');
  if (options.folder === undefined) await writeFile(machineIdFile, `${MACHINE_ID}\n`);
  const logged: string[] = [];
  const log = (level: string, message: string, fields?: object) =>
    void logged.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  const vanished = new Set<ImageId>();
  const store = await openStore({ connection: `sqlite:///${join(folder, 'store.sqlite')}` });
  const bus = createInProcessBus();
  const now = Date.now;
  await bus.hear(newsTaker({ store, bus, now, log }));
  const driver = await createSimulatedDriver({
    folder: join(folder, 'instances'),
    description: simulatedHost(HOST),
    images: {
      async open(id) {
        if (vanished.has(id)) throw new Failure('not-found', `Image ${id} could not be found.`);
        return Readable.from(['data']);
      },
    },
  });
  const stopAgent = await startAgent({
    ...{ bus, now, log, machineIdFile, host: HOST, hostIp: '192.0.2.1', zone: 'nova' },
    driver: options.wrap?.(driver) ?? driver,
    version: '0.1.0',
    serialOption: options.serialOption ?? 'auto',
    diskPort: 0,
    reportIntervalMs: 60_000,
    ids: { hypervisorId: randomUUID(), serviceId: randomUUID() },
  });

  const settings: EngineParts['settings'] = {
    shutdownMs: 1_000,
    softRebootMs: 1_000,
    liveMigration: { completionTimeoutMs: 60_000, timeoutAction: 'abort' },
    scheduler: { ...USUAL_SCHEDULING, ...options.scheduler },
  };
  const recovered = Promise.withResolvers<void>();
  let unfinished = (await store.operations.unfinished()).length;
  if (unfinished === 0) recovered.resolve();
  const engine = createEngine({
    ...{ store, bus, settings, now, log },
    replica: newReplica({ shared: false }),
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
  const operations = createOperations({ store, engine: watched, bus, now, serviceDownMs: 600_000 });
  await engine.recover();

  const stop = async () => {
    await engine.close();
    await stopAgent();
    await driver.close();
    await bus.close();
    await store.close();
  };
  return {
    ...{ folder, store, operations, driver, machineIdFile, logged, stop },
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
    stop,
    async close() {
      await stop();
      await rm(folder, { recursive: true });
    },
  };
}
