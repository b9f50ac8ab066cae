import { randomUUID } from 'node:crypto';
import { Failure } from '../../model/failure.ts';
import type { RequestId } from '../../model/ids.ts';
import type { Server, ServerPatch } from '../../model/server.ts';
import type { Store } from '../../store/promise/store.ts';
import type { Engine } from '../engine/engine.ts';
import type { Settings } from '../engine/settings.ts';
import type { OperationKind } from '../engine/step.ts';
import type { NoInput } from '../engine/stored-values.ts';
import type { UnaskedOperations } from '../engine/unasked.ts';
import { startServer, stopServer } from '../kinds/power-server.ts';
import { begin } from '../requests/begin.ts';
import { STOPPED } from '../steps/final-states.ts';

/**
 * Such an operation is as any other: it has an action of the server's own user, and a start decides the
 * serial anew. Until a start has ended well the server is stopped, as it would be without `[DEFAULT]
 * resume_guests_state_on_host_boot`.
 */
export function createUnaskedOperations({
  store,
  engine,
  now,
  settings,
}: {
  readonly store: Store;
  readonly engine: Engine;
  readonly now: () => number;
  readonly settings: Settings;
}): UnaskedOperations {
  async function beginOn(
    { id, generation, projectId, userId }: Server,
    kind: OperationKind<string, NoInput>,
    patch: ServerPatch,
  ): Promise<void> {
    const unasked = {
      patch,
      check(seen: Pick<Server, 'generation'>) {
        if (seen.generation !== generation) throw new Failure('conflict', `Instance ${id} has changed.`);
      },
    };
    const requestId = `req-${randomUUID()}` as RequestId;
    const by = { requestId, projectId, userId, isAdmin: true };
    const start = { kind, request: {}, by, at: now(), replica: engine.replica, settings, unasked };
    try {
      const { operation } = await store.transaction((tx) => begin(tx, id, start));
      void engine.run(operation);
    } catch (error) {
      if (!(error instanceof Failure && error.kind === 'conflict')) throw error;
    }
  }
  return {
    resume: (server) => beginOn(server, startServer, STOPPED),
    stop: (server) => beginOn(server, stopServer, {}),
  };
}
