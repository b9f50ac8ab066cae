import { join } from 'node:path';
import { writeWhole } from '../files/whole-file.ts';
import { startService } from '../main.ts';
import { adminPassword, forgetAdminPassword } from './admin-password.ts';
import type { ConfigArguments } from './arguments.ts';
import { cloudsYaml } from './clouds-yaml.ts';
import { furnishDemoCloud } from './demo-cloud.ts';
import { runUntilStopped } from './running.ts';
import type { Terminal } from './terminal.ts';
import { welcome } from './welcome.ts';

/** Runs the whole service until SIGTERM or SIGINT. */
export async function start(asked: ConfigArguments, terminal: Terminal): Promise<void> {
  await runUntilStopped(asked, async ({ config, log, untilStopped }) => {
    const { state_path: stateDir } = config.DEFAULT;
    const { password, isNew } = await adminPassword(stateDir);
    const service = await startService({ config, adminPassword: password, log });
    try {
      const guests = config.nameplate.driver === 'libvirt';
      const say = (line: string) => log('demo-cloud', { what: line });
      await furnishDemoCloud(service, { stateDir, cacheDir: join(stateDir, 'cache'), guests, say });
      const clouds = join(stateDir, 'clouds.yaml');
      // The session daemon of an ordinary user has no network driver.
      const networks = !guests || process.getuid?.() === 0 ? 'on this machine' : 'none';
      const url = String(config.nameplate.public_url ?? service.url);
      if (isNew && !service.madeAdmin) {
        await forgetAdminPassword(stateDir);
        log('admin-password-unknown', { folder: stateDir });
      } else await writeWhole(clouds, cloudsYaml({ url, password }));
      terminal.out(welcome({ url: service.url, clouds, networks }));
      await untilStopped();
      log('shutting-down');
    } finally {
      await service.close();
    }
  });
}
