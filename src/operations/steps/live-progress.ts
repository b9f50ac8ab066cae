import { asFailure } from '../../model/failure.ts';
import type { StepContext } from '../engine/step.ts';

/** How often a live migration is asked how far it has come. Milliseconds. */
const LOOK_MS = 1_000;

/**
 * Follows a live migration while it runs: writes down how far it has come, and after its time does what the
 * operator chose. Looking is all it does: when it cannot look, the migration goes on.
 */
export function followLiveMigration({ ask, store, server, operationId, settings, now }: StepContext): {
  stop(): Promise<void>;
} {
  const begun = now();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let looking = Promise.resolve();

  async function look(): Promise<void> {
    const row = await store.migrations.ofOperation(operationId);
    const progress = await ask({ verb: 'live-progress', server: server.id });
    if (row !== undefined && progress !== null && !stopped)
      await store.migrations.update(row.number, { status: 'running', progress, updatedAt: now() });
    if (progress !== null && now() - begun > settings.liveMigration.completionTimeoutMs)
      await ask({
        verb: settings.liveMigration.timeoutAction === 'abort' ? 'abort-live' : 'force-live',
        server: server.id,
      });
  }

  function wait(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      looking = look()
        .catch((error) => void asFailure(error))
        .then(wait);
    }, LOOK_MS);
  }
  wait();

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
