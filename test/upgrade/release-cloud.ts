import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlRequest } from '../../src/main/control.ts';
import type { HostName, ServerId } from '../../src/model/ids.ts';
import type { Store } from '../../src/store/promise/store.ts';
import type { CloudHost } from '../lab/cloud-host.ts';
import { ComputeClient } from '../lab/compute-client.ts';
import type { FaultyDriver } from '../lab/faulty-driver.ts';
import { ADMIN_PASSWORD, type TestSettings } from '../lab/service.ts';
import type { CloudLayout } from './cases.ts';
import { releaseCode, THIS_RELEASE } from './release-code.ts';

export interface ReleaseCloudOptions {
  /** The worktree whose code runs; by default this one. */
  readonly release?: string;
  /** Holds all but the database: configuration, image data, and what the simulated hosts hold. */
  readonly folder: string;
  /** As `[database] connection` has it. */
  readonly connection: string;
  readonly layout: CloudLayout;
  /** Further settings, by section. */
  readonly settings?: TestSettings;
  readonly onBoundary?: ControlRequest['onBoundary'];
}

/**
 * A whole control plane with its API, over simulated hosts of the same process, by the code of one release.
 */
export interface ReleaseCloud {
  readonly store: Store;
  readonly client: ComputeClient;
  readonly hosts: ReadonlyMap<HostName, CloudHost>;
  /** Lines of the log, each with its fields. */
  readonly logged: readonly string[];
  /** Counts calls to the hosts' drivers, and has them fail. */
  readonly faults: FaultyDriver;
  /** Has the driver method fail, instead of being carried out, the first time it is called on each server. */
  failOnce(method: string): void;
  stop(): Promise<void>;
}

/** PostgreSQL has replicas with leases on operations; SQLite has one. */
export const isShared = (connection: string) => connection.startsWith('postgres');

export async function startReleaseCloud(options: ReleaseCloudOptions): Promise<ReleaseCloud> {
  const { folder, connection, layout } = options;
  const code = await releaseCode(options.release ?? THIS_RELEASE);
  const { config } = code.loadConfig(configOf(options));
  const isNew = !existsSync(join(folder, 'instances'));
  const bus = code.createInProcessBus();
  const network = new code.SimulatedNetwork({ sharesDisks: layout.sharesDisks });
  const faults = code.createFaultyDriver();
  const logged: string[] = [];
  const log = (...words: readonly unknown[]) =>
    void logged.push(words.map((word) => JSON.stringify(word)).join(' '));
  const hosts = new Map<HostName, CloudHost>();
  const control = await code.startControl({
    ...{ config, bus, log, adminPassword: ADMIN_PASSWORD, shared: isShared(connection) },
    ...(options.onBoundary === undefined ? {} : { onBoundary: options.onBoundary }),
    async startHost(images) {
      const parts = { ...{ bus, log, images, network, isNew, now: Date.now }, cloudFolder: folder };
      for (const each of layout.hosts)
        hosts.set(
          each.name,
          await code.startCloudHost(each, { ...parts, wrap: (driver) => faults.wrap(driver) }),
        );
      return async () => {
        for (const host of hosts.values()) await host.stop();
      };
    },
  });
  return {
    ...{ hosts, faults, logged, store: control.store },
    client: await ComputeClient.login(control.url, 5),
    failOnce(method) {
      const failed = new Set<ServerId>();
      faults.arm((call) => {
        if (call.method !== method || failed.has(call.server)) return undefined;
        failed.add(call.server);
        const failure = new code.Failure('internal', 'The hypervisor is on fire.', {
          operatorText: 'on fire',
        });
        return { when: 'before', failure };
      });
    },
    async stop() {
      await control.close();
      await bus.close();
    },
  };
}

function configOf({ folder, connection, settings }: ReleaseCloudOptions) {
  const all: TestSettings = {
    ...settings,
    DEFAULT: { state_path: folder, host: 'control', service_down_time: '600', ...settings?.DEFAULT },
    database: { connection, ...settings?.database },
    quota: { instances: '-1', cores: '-1', ram: '-1' },
    nameplate: { listen: '127.0.0.1:0', driver: 'simulated', ...settings?.nameplate },
  };
  return {
    overrides: Object.entries(all).flatMap(([group, values]) =>
      Object.entries(values).map(([option, text]) => ({ group, option, text, flag: `${group}.${option}` })),
    ),
    surroundings: {
      ...{ environment: {}, hostname: 'control', ownAddress: '127.0.0.1', homeDirectory: folder },
      isRoot: process.getuid?.() === 0,
      defaultConfigDirectory: join(folder, 'no-such-folder'),
    },
  };
}
