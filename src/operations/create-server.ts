import { Failure } from '../model/failure.ts';
import { planOf } from '../model/guest.ts';
import { type Choice, chooseHost } from '../scheduler/choose-host.ts';
import { broken, RUNNING } from './ends.ts';
import { boot, createDisks, define, tidy } from './guest-steps.ts';
import type { OperationKind, Step, StepContext } from './step.ts';

/** Chooses the host and claims its capacity: reading what is free and taking it are one transaction, so that nobody overcommits. */
const schedule: Step = {
  name: 'schedule',
  taskState: 'scheduling',
  timeoutMs: 60_000,
  tries: 3,
  async do({ store, server, operation, settings, now }) {
    await store.transaction(async (tx) => {
      const seen = await tx.servers.find(server.id);
      if (seen === undefined || seen.host !== null) return;
      const candidates = [];
      for (const host of await tx.hosts.list())
        candidates.push({ host, used: await tx.servers.usageOfHost(host.name) });
      const wanted = {
        flavor: server.flavor,
        zone: server.availabilityZone,
        host: operation.input.host as string | null,
      };
      const choice = chooseHost(wanted, { candidates, limits: settings.scheduler, now: now() });
      if (choice.host === null)
        throw new Failure('out-of-space', 'No valid host was found. There are not enough hosts available.', {
          operatorText: sayRefusals(choice),
        });
      await tx.servers.update(seen, { host: choice.host, updatedAt: now() });
    });
    return undefined;
  },
  undo: 'the claim goes with the host when the server ends in ERROR or is deleted',
};

function sayRefusals({ refusals }: Choice): string {
  if (refusals.length === 0) return 'No compute host has reported yet.';
  return refusals.map(({ host, filter, why }) => `${host}: ${filter}: ${why}`).join('\n');
}

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
