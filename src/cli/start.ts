import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { startService } from '../main.ts';
import type { Arguments } from './arguments.ts';
import { cloudsYaml } from './clouds-yaml.ts';
import { adminPassword, writePrivately } from './credentials.ts';
import { DEMO_IMAGE, furnishDemoCloud, UNIQUE_FLAVOR } from './demo-cloud.ts';
import { createLog } from './log.ts';
import { lockState } from './state-lock.ts';

/** Runs the whole service until SIGTERM or SIGINT. */
export async function start(asked: Extract<Arguments, { command: 'start' }>): Promise<void> {
  const stopped = signalled(['SIGTERM', 'SIGINT']);
  const { config, warnings } = loadConfig(asked);
  const log = createLog({ debug: config.DEFAULT.debug });
  for (const { where, what } of warnings) log('warn', `${where}: ${what}`);

  const { state_path: stateDir } = config.DEFAULT;
  await mkdir(stateDir, { recursive: true, mode: 0o711 });
  const unlock = await lockState(stateDir);
  const password = await adminPassword(stateDir);
  const service = await startService({ config, adminPassword: password, log });
  try {
    const guests = config.nameplate.driver === 'libvirt';
    const say = (line: string) => log('info', line);
    await furnishDemoCloud(service, { stateDir, cacheDir: join(stateDir, 'cache'), guests, say });
    const clouds = join(stateDir, 'clouds.yaml');
    await writePrivately(
      clouds,
      cloudsYaml({ url: String(config.nameplate.public_url ?? service.url), password }),
    );
    process.stdout.write(welcome({ url: service.url, clouds }));
    await stopped;
    log('info', 'ending');
  } finally {
    await service.close();
    await unlock();
  }
}

function welcome({ url, clouds }: { url: string; clouds: string }): string {
  return `
Nameplate is ready.

  URL           ${url}
  clouds.yaml   ${clouds}   (cloud: nameplate)

The first server, in another terminal:

  export OS_CLIENT_CONFIG_FILE=${clouds} OS_CLOUD=nameplate
  openstack server create --flavor ${UNIQUE_FLAVOR} --image ${DEMO_IMAGE} --nic none --wait s1
  openstack console log show s1        # its serial …
  openstack server show -f value -c id s1   # … is its own UUID

`;
}

function signalled(signals: readonly NodeJS.Signals[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of signals) process.once(signal, () => resolve());
  return promise;
}
