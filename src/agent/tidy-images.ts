import { pause } from '../async/pause.ts';
import type { HypervisorDriver } from '../hypervisor/driver.ts';
import { asFailure } from '../model/failure.ts';
import type { AgentParts } from './parts.ts';

export interface TidyOptions extends Pick<AgentParts, 'host' | 'log'> {
  readonly driver: Pick<HypervisorDriver, 'removeUnusedImages'>;
  /** Milliseconds between the end of one run and the next. */
  readonly intervalMs: number;
}

/**
 * Periodically removes images that no server of the host needs (nova/compute/manager.py
 * _run_image_cache_manager_pass). A run that fails is only logged.
 * @returns a function that stops it after the current run
 */
export function tidyImages({ driver, host, log, intervalMs }: TidyOptions): () => Promise<void> {
  const ending = new AbortController();
  const run = async () => {
    while (await pause(intervalMs, ending.signal, { ref: false }))
      try {
        const removed = await driver.removeUnusedImages();
        if (removed.length > 0) log('images-removed', { host, removed });
      } catch (error) {
        const why = asFailure(error).operatorText;
        log('image-removal-failed', { host, why });
      }
  };
  const running = run();
  return async () => {
    ending.abort();
    await running;
  };
}
