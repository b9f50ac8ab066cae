import { join } from 'node:path';
import { startService } from '../main.ts';
import type { ConfigArguments } from './arguments.ts';
import { cloudsYaml } from './clouds-yaml.ts';
import { adminPassword, writePrivately } from './credentials.ts';
import { furnishDemoCloud } from './demo-cloud.ts';
import { runUntilStopped } from './running.ts';
import { welcome } from './welcome.ts';

/** Runs the whole service until SIGTERM or SIGINT. */
export async function start(asked: ConfigArguments): Promise<void> {
  await runUntilStopped(asked, async ({ config, log, stopped }) => {
    const { state_path: stateDir } = config.DEFAULT;
    const password = await adminPassword(stateDir);
    const service = await startService({ config, adminPassword: password, log });
    try {
      const guests = config.nameplate.driver === 'libvirt';
      const say = (line: string) => log('info', line);
      await furnishDemoCloud(service, { stateDir, cacheDir: join(stateDir, 'cache'), guests, say });
      const clouds = join(stateDir, 'clouds.yaml');
      const url = String(config.nameplate.public_url ?? service.url);
      await writePrivately(clouds, cloudsYaml({ url, password }));
      process.stdout.write(welcome({ url: service.url, clouds }));
      await stopped;
      log('info', 'ending');
    } finally {
      await service.close();
    }
  });
}
