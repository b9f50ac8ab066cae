import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Runs the unmodified `openstack` client of Debian against the cloud `nameplate` of a clouds.yaml; rejects
 * when it fails.
 */
export function openstackWith(cloudsYaml: string): (...words: string[]) => Promise<string> {
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: '/nonexistent',
    OS_CLIENT_CONFIG_FILE: cloudsYaml,
    OS_CLOUD: 'nameplate',
    LC_ALL: 'C.UTF-8',
  };
  return async (...words) => {
    const { stdout } = await run('/usr/bin/openstack', words, { env, timeout: 120_000 });
    return stdout.trim();
  };
}
