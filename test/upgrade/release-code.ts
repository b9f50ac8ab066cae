import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The root of this repository. */
export const THIS_RELEASE = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The modules that build a cloud, of the release in a worktree: that release's own code runs, not this one's.
 * Typed as this release has them; where a later release changes what they take, it writes its own fixtures
 * with its own copy of this folder.
 * @param root the worktree, with `node_modules`
 */
export async function releaseCode(root: string) {
  const load = <Module>(path: string) => import(pathToFileURL(join(root, path)).href) as Promise<Module>;
  return {
    ...(await load<typeof import('../../src/main/control.ts')>('src/main/control.ts')),
    ...(await load<typeof import('../../src/config/load.ts')>('src/config/load.ts')),
    ...(await load<typeof import('../../src/bus/in-process.ts')>('src/bus/in-process.ts')),
    ...(await load<typeof import('../../src/hypervisor/simulated/network.ts')>(
      'src/hypervisor/simulated/network.ts',
    )),
    ...(await load<typeof import('../../src/model/failure.ts')>('src/model/failure.ts')),
    ...(await load<typeof import('../lab/cloud-host.ts')>('test/lab/cloud-host.ts')),
    ...(await load<typeof import('../lab/faulty-driver.ts')>('test/lab/faulty-driver.ts')),
  };
}
