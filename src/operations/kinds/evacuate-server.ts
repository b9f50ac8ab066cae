import { Failure } from '../../model/failure.ts';
import { planOf } from '../../model/guest.ts';
import { hostMarker } from '../../model/host.ts';
import { isDown } from '../../model/host-down.ts';
import { oneOf } from '../../model/messages/primitives.ts';
import { Type } from '../../model/schema.ts';
import { VM_STATES, type VmState } from '../../model/server.ts';
import { type BeginContext, inputFrom } from '../engine/beginning.ts';
import { defineOperation, type Step, type StepContext, TRIES } from '../engine/step.ts';
import { inputOf, outputOf, outputSchema, schemaOf } from '../engine/stored-values.ts';
import { type HostInput, NAMED_HOST } from '../placement/scheduling.ts';
import {
  atDestination,
  chooseDestination,
  destination,
  NO_DESTINATION,
  toSource,
} from '../steps/destination.ts';
import { RUNNING, STOPPED } from '../steps/final-states.ts';
import { boot, createDisks, define, tidy } from '../steps/guest-steps.ts';
import { requireOtherHost } from '../steps/other-host.ts';
import { leaveHost } from '../steps/shared-disks.ts';

interface EvacuateInput extends HostInput {
  /** The server's state when it was asked for: a stopped server stays stopped. */
  readonly vmState: VmState;
}

const INPUT = schemaOf<EvacuateInput>({ host: NAMED_HOST, vmState: oneOf(VM_STATES) });
const LOOKED = outputSchema<{ readonly disksAreThere: boolean }>('look for disks', {
  disksAreThere: Type.Boolean(),
});

/** On shared storage the server's own disks are there; else they are made anew. */
function diskSetThere({ server, operation }: Pick<StepContext, 'server' | 'operation'>): string {
  return outputOf(operation, LOOKED)?.disksAreThere === true ? server.diskSet : operation.id;
}

const plan = (context: StepContext) => planOf({ ...context.server, diskSet: diskSetThere(context) });

/**
 * Looks whether the destination sees the files that the server's own host has marked: then they are on shared
 * storage, and nothing of the server is lost. Files that the destination holds from an earlier stay of the
 * server do not have that mark.
 */
const lookForDisks: Step<{ readonly disksAreThere: boolean }> = {
  ...LOOKED,
  timeoutMs: 60_000,
  tries: TRIES,
  async do({ ask, server }) {
    if (server.host === null) return { disksAreThere: false };
    const mark = hostMarker(server.host);
    return { disksAreThere: await ask({ verb: 'sees-mark', server: server.id, mark }, server.destHost) };
  },
  undo: 'the step changes nothing',
};

/**
 * A host that came back meanwhile, or was only cut off, may still run the guest, and has told of it while
 * nobody knew how this would end.
 */
const clearSource: Step = {
  name: 'clear source',
  output: null,
  timeoutMs: 60_000,
  tries: 2, // one that is silent keeps nobody waiting for long: it is cleared when it is heard again
  tidies: true,
  async do(context) {
    const { host, destHost } = context.server;
    await leaveHost(context, { host, stays: destHost, set: null });
    return undefined;
  },
  undo: 'the server no longer uses what the step deletes',
};

const onDestination = { on: destination } as const;
const staysStopped = ({ operation }: Pick<StepContext, 'operation'>) =>
  inputOf(operation, INPUT).vmState === 'stopped';

/** Nova's sentences (nova/api/openstack/compute/evacuate.py EvacuateController._evacuate). */
const DESTINATION = {
  unknown: ['not-found', (host: string) => `Compute host ${host} not found.`],
  same: () => "The target host can't be the same one.",
  asks: [],
} as const;

/** A host that is up still runs the guest. */
async function requireSourceDown({ server, tx, settings }: BeginContext<HostInput>): Promise<void> {
  const own = server.host === null ? undefined : await tx.hosts.find(server.host);
  const { serviceDownMs } = settings.scheduler;
  if (own !== undefined && !isDown(own, { serviceDownMs }))
    throw new Failure('invalid', `Compute service of ${own.name} is still in use.`);
}

/**
 * Makes the guest anew on another host, from its image: its own host is down, and what is there is lost to
 * it. The serial is decided anew. What the old host still holds is taken away when it comes back
 * (`stale-guests.ts`). Mirrors nova/compute/manager.py ComputeManager.rebuild_instance with recreate.
 */
export const evacuateServer = defineOperation({
  kind: 'evacuate-server',
  legal: 'evacuate',
  taskState: 'rebuilding',
  version: 1,
  input: inputFrom(INPUT, async ({ request: { host }, server }: BeginContext<HostInput>) => ({
    host,
    vmState: server.vmState,
  })),
  begin: {
    checkFirst: (context) => requireOtherHost(context, DESTINATION),
    check: requireSourceDown,
    patch: () => NO_DESTINATION,
  },
  action: 'evacuate',
  event: 'compute_rebuild_instance',
  namesHosts: true,
  migration: { begins: 'evacuation', finished: 'done', abandoned: 'failed' },
  steps: [
    chooseDestination({
      taskState: 'rebuilding',
      status: 'pre-migrating',
      ownHost: false,
      host: ({ operation }) => inputOf(operation, INPUT).host,
      flavor: ({ server }) => server.flavor,
      async clear({ ask, server, operation }) {
        if (outputOf(operation, LOOKED)?.disksAreThere === false)
          await ask({ verb: 'delete-disks', server: server.id, set: 'all' }, server.destHost);
      },
    }),
    lookForDisks,
    createDisks(plan, {
      ...atDestination,
      taskState: 'rebuild_block_device_mapping',
      when: ({ operation }) => outputOf(operation, LOOKED)?.disksAreThere !== true,
    }),
    define(plan, { ...atDestination, taskState: 'rebuild_spawning' }),
    boot({ ...onDestination, when: (context) => !staysStopped(context) }),
    tidy(undefined, onDestination),
    clearSource,
  ],
  finished: ({ operation, server, now }) => ({
    ...(staysStopped({ operation }) ? STOPPED : RUNNING),
    host: server.destHost,
    diskSet: diskSetThere({ server, operation }),
    ...NO_DESTINATION,
    launchedAt: now,
  }),
  abandoned: toSource,
});
