import { rm } from 'node:fs/promises';
import { type ReleaseCloud, type ReleaseCloudOptions, startReleaseCloud } from './release-cloud.ts';
import { Unfinished } from './unfinished.ts';

/** A cloud that runs the present code. */
export interface PresentCloud extends ReleaseCloud {
  /** Resolves when every operation has ended. @throws when one does not */
  idle(): Promise<void>;
  /** Stops it and removes its folder. */
  close(): Promise<void>;
}

/** @returns resolves when it answers; operations that it found unfinished go on meanwhile */
export async function startPresentCloud(
  options: Pick<ReleaseCloudOptions, 'folder' | 'layout' | 'connection'>,
): Promise<PresentCloud> {
  const unfinished = new Unfinished();
  const cloud = await startReleaseCloud({
    ...options,
    // What a release left long ago is to be compared, not purged.
    settings: { database: { purge_after_days: '0' } },
    onBoundary: unfinished.pass,
  });
  return {
    ...cloud,
    idle: () => unfinished.none(cloud),
    async close() {
      await cloud.stop();
      await rm(options.folder, { recursive: true });
    },
  };
}
