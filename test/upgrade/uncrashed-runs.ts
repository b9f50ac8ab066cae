import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { WholeServer } from '../lab/whole-server.ts';
import { LAYOUTS, type UpgradeCase } from './cases.ts';
import { endOfServer } from './end-of-server.ts';
import { type Fixture, SCRATCH, type Way } from './fixture.ts';
import { type PresentCloud, startPresentCloud } from './present-cloud.ts';
import { furnish, send, serverFor } from './requests.ts';

/** How cases end when the present code runs them from first to last. */
export class UncrashedRuns {
  readonly #clouds = new Map<UpgradeCase['layout'], PresentCloud>();
  readonly #ends = new Map<string, WholeServer>();

  /** The end of a case that goes well, or in which the driver method fails once. */
  async endOf(of: UpgradeCase, way: Way, failing: Fixture['failing']): Promise<WholeServer> {
    const key = JSON.stringify([of.name, way, failing]);
    const end = this.#ends.get(key) ?? (await this.#run(of, way === 'back' ? failing : null));
    this.#ends.set(key, end);
    return end;
  }

  async close(): Promise<void> {
    for (const cloud of this.#clouds.values()) await cloud.close();
  }

  async #run(of: UpgradeCase, failing: Fixture['failing']): Promise<WholeServer> {
    const cloud = await this.#cloudOf(of.layout);
    const server = await serverFor(cloud.client, of);
    if (failing !== null) cloud.failOnce(failing);
    const id = await send(cloud.client, of.request, server);
    await cloud.idle();
    cloud.faults.disarm();
    return endOfServer(cloud, id);
  }

  async #cloudOf(layout: UpgradeCase['layout']): Promise<PresentCloud> {
    const running = this.#clouds.get(layout);
    if (running !== undefined) return running;
    const folder = await mkdtemp(join(SCRATCH, 'nameplate-upgrade-'));
    const cloud = await startPresentCloud({
      ...{ folder, layout: LAYOUTS[layout] },
      connection: `sqlite:///${join(folder, 'nameplate.sqlite')}`,
    });
    this.#clouds.set(layout, cloud);
    await furnish(cloud.client);
    return cloud;
  }
}
