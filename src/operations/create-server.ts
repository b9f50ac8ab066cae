import { planOf } from '../model/guest.ts';
import { findHost } from './claim-host.ts';
import { broken, RUNNING } from './ends.ts';
import { boot, createDisks, define, tidy } from './guest-steps.ts';
import type { OperationKind, Step, StepContext } from './step.ts';

/** Chooses the host and claims its capacity: reading what is free and taking it are one transaction. */
const schedule: Step = {
  name: 'schedule',
  taskState: 'scheduling',
  timeoutMs: 60_000,
  tries: 3,
  async do(context) {
    await context.store.transaction(async (tx) => {
      const server = await tx.servers.find(context.server.id);
      if (server === undefined || server.host !== null) return;
      const asked = context.operation.input.host as string | null;
      const host = await findHost(tx, { server, flavor: server.flavor, host: asked }, context);
      await tx.servers.update(server, { host, updatedAt: context.now() });
    });
    return undefined;
  },
  undo: 'the claim goes with the host when the server ends in ERROR or is deleted',
};

const plan = ({ server }: StepContext) => planOf(server);

/** Mirrors nova/compute/manager.py _do_build_and_run_instance. */
export const createServer: OperationKind = {
  kind: 'create-server',
  action: 'create',
  event: 'compute__do_build_and_run_instance',
  steps: [
    schedule,
    createDisks(plan, { taskState: 'block_device_mapping', takesBack: 'all' }),
    define(plan, { taskState: 'spawning' }),
    boot(),
    tidy(),
  ],
  finished: ({ now }) => ({ ...RUNNING, launchedAt: now }),
  abandoned: (context) => (context.leftovers ? broken(context) : { ...broken(context), host: null }),
};
