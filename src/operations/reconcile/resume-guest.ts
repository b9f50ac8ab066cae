import { randomUUID } from 'node:crypto';
import { Failure } from '../../model/failure.ts';
import type { RequestId } from '../../model/ids.ts';
import type { Server } from '../../model/server.ts';
import type { Store } from '../../store/promise/store.ts';
import type { Engine } from '../engine/engine.ts';
import type { ResumeGuest } from '../engine/resumable.ts';
import type { Settings } from '../engine/settings.ts';
import { startServer } from '../kinds/power-server.ts';
import { begin } from '../requests/begin.ts';
import { STOPPED } from '../steps/final-states.ts';

/**
 * Such a start is an operation as any other: it has an action of the server's own user, and decides the
 * serial anew. Until it has ended well the server is stopped, as it would be without `[DEFAULT]
 * resume_guests_state_on_host_boot`.
 */
export function createResumeGuest(parts: {
  readonly store: Store;
  readonly engine: Engine;
  readonly now: () => number;
  readonly settings: Settings;
}): ResumeGuest {
  const { store, engine, now, settings } = parts;
  const { replica } = engine;
  return async ({ id, generation, projectId, userId }) => {
    const unasked = {
      patch: STOPPED,
      check(seen: Pick<Server, 'generation'>) {
        if (seen.generation !== generation) throw new Failure('conflict', `Instance ${id} has changed.`);
      },
    };
    const requestId = `req-${randomUUID()}` as RequestId;
    const by = { requestId, projectId, userId, isAdmin: true };
    const start = { kind: startServer, request: {}, by, at: now(), replica, settings, unasked };
    try {
      const { operation } = await store.transaction((tx) => begin(tx, id, start));
      void engine.run(operation);
    } catch (error) {
      if (!(error instanceof Failure && error.kind === 'conflict')) throw error;
    }
  };
}
