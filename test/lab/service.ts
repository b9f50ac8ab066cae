import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { furnishDemoCloud } from '../../src/cli/demo-cloud.ts';
import { loadConfig } from '../../src/config/load.ts';
import { type Service, type ServiceRequest, startService } from '../../src/main.ts';
import { logLine } from './log-line.ts';

/** A service for a test: the real one, on a state directory of its own, on a free port of loopback. */
export interface TestService extends Service {
  readonly stateDir: string;
  /** What it logged so far. */
  readonly logged: readonly string[];
}

/** Settings as a nova.conf would have them, by section. */
export type TestSettings = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const ADMIN_PASSWORD = 'for-tests-only';

/** A folder for the state of one cloud; QEMU's user may pass through it. */
export async function makeStateDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'nameplate-'));
}

export async function removeStateDir(stateDir: string): Promise<void> {
  await rm(stateDir, { recursive: true, force: true });
}

/** Starts the service as `nameplate start` does, furnished with the demo flavors and image. */
export async function startTestService(options: {
  readonly stateDir: string;
  readonly settings: TestSettings;
  readonly onBoundary?: ServiceRequest['onBoundary'];
}): Promise<TestService> {
  const { stateDir, settings } = options;
  const all: TestSettings = {
    ...settings,
    DEFAULT: { state_path: stateDir, host: 'host1', shutdown_timeout: '20', ...settings.DEFAULT },
    nameplate: { listen: '127.0.0.1:0', ...settings.nameplate },
  };
  const overrides = Object.entries(all).flatMap(([group, values]) =>
    Object.entries(values).map(([option, text]) => ({ group, option, text, flag: `${group}.${option}` })),
  );
  const { config } = loadConfig({
    overrides,
    surroundings: {
      environment: {},
      hostname: 'host1',
      ownAddress: '127.0.0.1',
      homeDirectory: stateDir,
      isRoot: process.getuid?.() === 0,
      defaultConfigDirectory: join(stateDir, 'no-such-folder'),
    },
  });
  const logged: string[] = [];
  const service = await startService({
    config,
    adminPassword: ADMIN_PASSWORD,
    log: (event, fields) => void logged.push(logLine(event, fields)),
    ...(options.onBoundary === undefined ? {} : { onBoundary: options.onBoundary }),
  });
  const guests = config.nameplate.driver === 'libvirt';
  await furnishDemoCloud(service, {
    stateDir,
    cacheDir: join(tmpdir(), 'nameplate-demo-image'),
    guests,
    say: (line) => logged.push(line),
  });
  return { ...service, stateDir, logged };
}
