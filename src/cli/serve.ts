import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startReplica } from '../main.ts';
import type { ConfigArguments } from './arguments.ts';
import { cloudsYaml } from './clouds-yaml.ts';
import { adminPassword, writePrivately } from './credentials.ts';
import { runUntilStopped } from './running.ts';

/**
 * Runs one replica of the control plane until SIGTERM or SIGINT. The replica that starts first on an empty database makes the
 * user `admin`, and keeps the password and a clouds.yaml in its state directory; the others have neither.
 */
export async function serve(asked: ConfigArguments): Promise<void> {
  await runUntilStopped(asked, async ({ config, log, stop, stopped }) => {
    const { state_path: stateDir } = config.DEFAULT;
    const passwordFile = join(stateDir, 'admin-password');
    const hadPassword = await access(passwordFile).then(
      () => true,
      () => false,
    );
    const password = await adminPassword(stateDir);
    const replica = await startReplica({ config, adminPassword: password, log, signal: stop });
    try {
      const url = String(config.nameplate.public_url ?? replica.url);
      if (hadPassword || replica.madeAdmin)
        await writePrivately(join(stateDir, 'clouds.yaml'), cloudsYaml({ url, password }));
      else await rm(passwordFile);
      process.stdout.write(`Nameplate's control plane is ready: ${replica.url}\n`);
      await stopped;
      log('info', 'ending');
    } finally {
      await replica.close();
    }
  });
}
