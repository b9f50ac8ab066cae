import { join } from 'node:path';
import { writeWhole } from '../files/whole-file.ts';
import { startReplica } from '../main.ts';
import { adminPassword, forgetAdminPassword } from './admin-password.ts';
import type { ConfigArguments } from './arguments.ts';
import { cloudsYaml } from './clouds-yaml.ts';
import { runUntilStopped } from './running.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs one replica of the control plane until SIGTERM or SIGINT. The first replica on an empty database
 * creates the user `admin`, and keeps the password and a clouds.yaml in its state directory. Other replicas
 * have neither.
 */
export async function serve(asked: ConfigArguments, terminal: Terminal): Promise<void> {
  await runUntilStopped(asked, async ({ config, log, stop, untilStopped }) => {
    const { state_path: stateDir } = config.DEFAULT;
    const { password, isNew } = await adminPassword(stateDir);
    const replica = await startReplica({ config, adminPassword: password, log, signal: stop });
    try {
      const url = String(config.nameplate.public_url ?? replica.url);
      if (isNew && !replica.madeAdmin) await forgetAdminPassword(stateDir);
      else await writeWhole(join(stateDir, 'clouds.yaml'), cloudsYaml({ url, password }));
      terminal.out(`Nameplate's control plane is ready: ${replica.url}\n`);
      await untilStopped();
      log('shutting-down');
    } finally {
      await replica.close();
    }
  });
}
