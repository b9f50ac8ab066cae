import { asFailure } from '../model/failure.ts';
import type { Log } from '../model/log.ts';

/** What has been started, to be ended in the other order. */
export interface Endings {
  add(end: () => Promise<unknown>): void;
  /** Ends all; one that does not end well is logged, and the others end all the same. */
  endAll(): Promise<void>;
}

export function createEndings(log: Log): Endings {
  const endings: (() => Promise<unknown>)[] = [];
  return {
    add: (end) => void endings.push(end),
    async endAll() {
      for (const end of endings.splice(0).reverse())
        await end().catch((error) => log('component-stop-failed', { why: asFailure(error).operatorText }));
    },
  };
}

/** Builds something of parts that are ended again when one of them cannot start. */
export async function withEndings<Built>(
  log: Log,
  build: (endings: Endings) => Promise<Built>,
): Promise<Built> {
  const endings = createEndings(log);
  try {
    return await build(endings);
  } catch (error) {
    await endings.endAll();
    throw error;
  }
}
