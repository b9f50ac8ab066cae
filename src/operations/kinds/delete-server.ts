import { asFailure } from '../../model/failure.ts';
import { isDown } from '../../model/host-down.ts';
import { defineOperation, type Step, type StepContext } from '../engine/step.ts';
import { toError } from '../steps/final-states.ts';
import { PENDING_RESIZE } from '../steps/pending-resize.ts';

const FORWARD_ONLY = 'a delete is never undone; a new delete request continues it';

/**
 * One thing that is done wherever something of the server may be: a move that was broken off, or is not
 * confirmed, has left two such hosts.
 */
function everywhere(name: string, command: 'destroy' | 'undefine' | 'delete-disks'): Step {
  return {
    name,
    output: null,
    when: ({ server }) => server.host !== null,
    async do(context) {
      const { ask, server } = context;
      const { id, host, oldHost, destHost } = server;
      const asked =
        command === 'delete-disks'
          ? ({ verb: command, server: id, set: 'all' } as const)
          : ({ verb: command, server: id } as const);
      const others = new Set([oldHost, destHost].filter((other) => other !== host && other !== null));
      for (const other of others) await ask(asked, other).catch(unlessAway);
      const ifAway = (await mayBeAway(context)) ? unlessAway : rethrow; // before it is asked: a refusal that nobody waits for yet would end the process
      await ask(asked, host).catch(ifAway);
      return undefined;
    },
    undo: FORWARD_ONLY,
    timeoutMs: 120_000,
    tries: 15,
  };
}

/** A server on a host that is down can be deleted all the same (nova/compute/api.py _local_delete). */
async function mayBeAway({ store, server, settings }: StepContext): Promise<boolean> {
  const host = server.host === null ? undefined : await store.hosts.find(server.host);
  const { serviceDownMs } = settings.scheduler;
  return host !== undefined && isDown(host, { serviceDownMs });
}

function rethrow(error: unknown): never {
  throw error;
}

/**
 * Ignores that a host does not answer which is down, or which the server is not on: that host is cleared when
 * it returns (`stale-guests.ts`).
 */
function unlessAway(error: unknown): void {
  if (asFailure(error).kind !== 'unavailable') throw error;
}

/**
 * Mirrors nova/compute/manager.py terminate_instance. Takes away all that its hosts hold of the server,
 * whatever state it was left in. A resize that waits is confirmed by it (nova/compute/api.py
 * _confirm_resize_on_deleting).
 */
export const deleteServer = defineOperation({
  kind: 'delete-server',
  legal: 'delete',
  taskState: 'deleting',
  version: 1,
  input: PENDING_RESIZE,
  action: 'delete',
  event: 'compute_terminate_instance',
  deletesServer: true,
  migration: { finished: 'confirmed', abandoned: 'finished' },
  steps: [
    everywhere('power off', 'destroy'),
    everywhere('undefine', 'undefine'),
    everywhere('delete disks', 'delete-disks'),
  ],
  finished: ({ now }) => ({
    vmState: 'deleted',
    taskState: null,
    powerState: 'nostate',
    terminatedAt: now,
    fault: null,
  }),
  abandoned: toError,
});
