import { broken } from './ends.ts';
import type { OperationKind, Step } from './step.ts';

const FORWARD_ONLY = 'a delete goes only forwards: asking for it again takes it up where it stopped';

function onHost(step: Pick<Step, 'name' | 'do'>): Step {
  return {
    ...step,
    when: ({ server }) => server.host !== null,
    undo: FORWARD_ONLY,
    timeoutMs: 120_000,
    tries: 15,
  };
}

/** Mirrors nova/compute/manager.py terminate_instance. Takes away all that the host holds of the server, whatever state it was left in. */
export const deleteServer: OperationKind = {
  kind: 'delete-server',
  action: 'delete',
  event: 'compute_terminate_instance',
  steps: [
    onHost({
      name: 'power off',
      async do({ ask, server }) {
        await ask({ verb: 'destroy', server: server.id });
        return undefined;
      },
    }),
    onHost({
      name: 'undefine',
      async do({ ask, server }) {
        await ask({ verb: 'undefine', server: server.id });
        return undefined;
      },
    }),
    onHost({
      name: 'delete disks',
      async do({ ask, server }) {
        await ask({ verb: 'delete-disks', server: server.id, set: 'all' });
        return undefined;
      },
    }),
  ],
  finished: ({ now }) => ({
    vmState: 'deleted',
    taskState: null,
    powerState: 'nostate',
    terminatedAt: now,
    fault: null,
  }),
  abandoned: broken,
};
