import { EventEmitter, once } from 'node:events';
import type { ControlRequest } from '../../src/main/control.ts';
import type { ReleaseCloud } from './release-cloud.ts';

const LONGEST_MS = 100_000;

/** Tells when a cloud has ended all its operations. */
export class Unfinished {
  readonly #ends = new EventEmitter();

  /** For `onBoundary`. */
  readonly pass: NonNullable<ControlRequest['onBoundary']> = ({ boundary }) => {
    if (boundary === 'end') this.#ends.emit('end');
  };

  /** @throws when operations are left that do not end */
  async none({ store, logged }: Pick<ReleaseCloud, 'store' | 'logged'>): Promise<void> {
    const signal = AbortSignal.timeout(LONGEST_MS);
    for (;;) {
      const ended = once(this.#ends, 'end', { signal });
      ended.catch(() => undefined);
      const left = await store.operations.unfinished();
      if (left.length === 0) return;
      await ended.catch((cause) => {
        const kinds = left.map(({ kind, state }) => `${kind} (${state})`);
        throw new Error(`${kinds.join(', ')} did not end; the log: ${logged.slice(-10).join('\n')}`, {
          cause,
        });
      });
    }
  }
}
