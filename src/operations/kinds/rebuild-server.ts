import { type GuestPlan, planOf } from '../../model/guest.ts';
import type { Server, ServerPatch } from '../../model/server.ts';
import type { OperationKind, StepContext } from '../engine/step.ts';
import { checkOwnHost } from '../steps/check-own-host.ts';
import { asBefore, RUNNING, STOPPED } from '../steps/ends.ts';
import { boot, createDisks, define, powerOff, tidy } from '../steps/guest-steps.ts';

/** What a rebuild writes onto the server, as its input keeps it: the new image and whatever else was asked, and the new disk set. */
export function rebuiltPatch(operation: StepContext['operation']): ServerPatch {
  return { ...(operation.input.patch as ServerPatch), diskSet: operation.id };
}

function rebuilt({ server, operation }: StepContext): Server {
  return { ...server, ...rebuiltPatch(operation) } as Server;
}

const plan = (context: StepContext): GuestPlan => planOf(rebuilt(context));

const staysStopped = ({ operation }: Pick<StepContext, 'operation'>) => operation.input.vmState === 'stopped';

/** The serial is decided anew, with the new image. The old disk is there until the new guest has booted. Mirrors nova/compute/manager.py rebuild_instance. */
export const rebuildServer: OperationKind = {
  kind: 'rebuild-server',
  action: 'rebuild',
  event: 'compute_rebuild_instance',
  steps: [
    checkOwnHost(rebuilt),
    createDisks(plan, { taskState: 'rebuilding' }),
    define(plan, { taskState: 'rebuild_spawning' }),
    powerOff({ politely: false }),
    boot({ when: (context) => !staysStopped(context) }),
    tidy(async ({ ask, server }) => {
      await ask({ verb: 'delete-disks', server: server.id, set: server.diskSet });
    }),
  ],
  finished: ({ operation, now }) => ({
    ...rebuiltPatch(operation),
    ...(staysStopped({ operation }) ? STOPPED : RUNNING),
    launchedAt: now,
  }),
  abandoned: asBefore,
};
