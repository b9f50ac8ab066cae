import { planOf } from '../../model/guest.ts';
import { asRequested } from '../engine/beginning.ts';
import { defineOperation, type Step, type StepContext } from '../engine/step.ts';
import { inputOf, outputSchema, schemaOf } from '../engine/stored-values.ts';
import { claimHost } from '../placement/claim-host.ts';
import { type HostInput, NAMED_HOST, SCHEDULING, type Scheduling } from '../placement/scheduling.ts';
import { RUNNING, toError } from '../steps/final-states.ts';
import { boot, createDisks, define, tidy } from '../steps/guest-steps.ts';

const INPUT = schemaOf<HostInput>({ host: NAMED_HOST });
const SCHEDULED = outputSchema<{ readonly scheduling: Scheduling }>('schedule', { scheduling: SCHEDULING });

/** Chooses the host and claims its capacity: seeing that it is free and taking it are one transaction. */
const schedule: Step<{ readonly scheduling: Scheduling }> = {
  ...SCHEDULED,
  taskState: 'scheduling',
  timeoutMs: 60_000,
  tries: 3,
  async do(context) {
    const scheduling = await claimHost(context, {
      flavor: context.server.flavor,
      host: inputOf(context.operation, INPUT).host,
      isWanted: ({ host }) => host === null,
      write: (tx, server, host) => tx.servers.update(server, { host, updatedAt: context.now() }),
    });
    return scheduling && { scheduling };
  },
  undo: 'the claim ends when the server goes to ERROR or is deleted',
};

const plan = ({ server }: StepContext) => planOf(server);

/** Mirrors nova/compute/manager.py _do_build_and_run_instance. */
export const createServer = defineOperation({
  kind: 'create-server',
  legal: null,
  taskState: 'scheduling',
  version: 1,
  input: asRequested(INPUT),
  quota: {
    project: ({ server }) => server.projectId,
    adds: ({ server: { flavor } }) => ({ instances: 1, cores: flavor.vcpus, ramMb: flavor.ramMb }),
  },
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
  abandoned: (context) => (context.leftovers ? toError(context) : { ...toError(context), host: null }),
});
