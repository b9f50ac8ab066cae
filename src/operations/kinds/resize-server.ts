import type { FlavorSnapshot } from '../../model/flavor.ts';
import { type GuestPlan, planOf } from '../../model/guest.ts';
import { FLAVOR_SNAPSHOT } from '../../model/messages/guest-plan.ts';
import type { MigrationType } from '../../model/migration.ts';
import { Type } from '../../model/schema.ts';
import type { DiskConfig, Server } from '../../model/server.ts';
import { asRequested, type BeginContext, inputFrom } from '../engine/beginning.ts';
import { defineOperation, type OperationKind, type Step, type StepContext, TRIES } from '../engine/step.ts';
import { inputOf, schemaOf } from '../engine/stored-values.ts';
import { type HostInput, NAMED_HOST } from '../placement/scheduling.ts';
import {
  atDestination,
  chooseDestination,
  destination,
  leavesHost,
  NO_DESTINATION,
  toSource,
} from '../steps/destination.ts';
import { RUNNING, STOPPED, toPreviousState } from '../steps/final-states.ts';
import { boot, createDisks, define, powerOff, tidy, wasRunning } from '../steps/guest-steps.ts';
import { contentsOfImage } from '../steps/image-contents.ts';
import { requireOtherHost, UNKNOWN_HOST } from '../steps/other-host.ts';
import { PENDING_RESIZE } from '../steps/pending-resize.ts';
import { planForDisks } from '../steps/plan-with-ports.ts';
import { commandDestination } from '../steps/reach-destination.ts';
import { leaveHost } from '../steps/shared-disks.ts';

interface ResizeInput extends HostInput {
  /** Of a resize; a cold migration keeps the server's own. */
  readonly flavor?: FlavorSnapshot;
}

/** What a resize is asked with. */
export interface ResizeRequest {
  readonly flavor: FlavorSnapshot;
  /** MANUAL unless given, whatever it was. */
  readonly diskConfig?: DiskConfig;
}

const INPUT = schemaOf<ResizeInput>({ host: NAMED_HOST, flavor: Type.Optional(FLAVOR_SNAPSHOT) });

/** The flavor that is asked for; a cold migration asks for none. */
function newFlavor({ operation, server }: Pick<StepContext, 'operation' | 'server'>): FlavorSnapshot {
  return inputOf(operation, INPUT).flavor ?? server.flavor;
}

function moved(context: StepContext): GuestPlan {
  return planOf({ ...context.server, flavor: newFlavor(context), diskSet: context.operation.id });
}

/** Carries the disks to the other host, from that host to this one: the control plane sees none of them. */
const carryDisks: Step = {
  name: 'carry disks',
  output: null,
  taskState: 'resize_migrating',
  when: leavesHost,
  timeoutMs: 6 * 60 * 60_000,
  tries: TRIES,
  leavesElsewhere: true,
  async do(context) {
    const { ask, server } = context;
    const plan = await planForDisks(context, moved(context));
    const { image } = plan;
    const set = server.diskSet;
    const offer = await ask({ verb: 'offer-disks', server: server.id, set, purpose: 'move', image });
    const contents = await contentsOfImage(context.store, plan.image);
    const images = context.linksTo([plan.image.id]);
    await commandDestination(context, { verb: 'fetch-disks', plan, offer, contents, images });
    return undefined;
  },
  async undo(context): Promise<undefined> {
    const { ask, server } = context;
    if (leavesHost(context))
      await ask({ verb: 'delete-disks', server: server.id, set: context.operation.id }, server.destHost);
  },
};

const onDestination = { on: destination } as const;
const copyHere = createDisks(moved, {
  taskState: 'resize_migrated',
  when: (context) => !leavesHost(context),
  from: ({ server }) => ({ copyOf: server.diskSet }),
});

function resizing<Name extends string, Request>(
  ownHost: boolean,
  own: Pick<
    OperationKind<Name, Request>,
    'kind' | 'legal' | 'action' | 'event' | 'namesHosts' | 'input' | 'begin' | 'quota' | 'asks'
  > & { readonly moves: MigrationType },
): OperationKind<Name, Request> {
  const { moves, ...kind } = own;
  return {
    ...kind,
    taskState: 'resize_prep',
    version: 1,
    sourceUp: 'conflict',
    migration: { begins: moves, finished: 'finished', abandoned: 'error' },
    steps: [
      chooseDestination({
        asks: ['fetch-disks'],
        taskState: 'resize_prep',
        status: 'migrating',
        ownHost,
        host: ({ operation }) => inputOf(operation, INPUT).host,
        flavor: newFlavor,
        clear: (context) => {
          const { destHost, host } = context.server;
          return leaveHost(context, { host: destHost, stays: host, set: context.operation.id });
        },
      }),
      define(moved, atDestination),
      powerOff({ politely: true, taskState: 'resize_migrating' }),
      carryDisks,
      copyHere,
      boot({ ...onDestination, taskState: 'resize_finish', when: wasRunning }),
      tidy(undefined, onDestination),
    ],
    finished: ({ operation, server, now }) => ({
      vmState: 'resized',
      taskState: null,
      powerState: wasRunning({ server }) ? 'running' : 'shutdown',
      host: server.destHost,
      oldHost: server.host,
      flavor: newFlavor({ operation, server }),
      oldFlavor: server.flavor,
      diskSet: operation.id,
      oldDiskSet: server.diskSet,
      oldVmState: wasRunning({ server }) ? 'active' : 'stopped',
      ...NO_DESTINATION,
      launchedAt: now,
      progress: 100,
    }),
    abandoned: toSource,
  };
}

/**
 * The serial is decided anew, by the host that the server ends on, with the new flavor. What it was stays
 * until the resize is confirmed. Mirrors nova/compute/manager.py ComputeManager.finish_resize.
 */
export const resizeServer = resizing(true, {
  kind: 'resize-server',
  legal: 'resize',
  input: inputFrom(INPUT, async ({ request: { flavor } }: BeginContext<ResizeRequest>) => ({
    flavor,
    host: null,
  })),
  begin: {
    patch: ({ request: { flavor, diskConfig = 'MANUAL' } }) => ({
      ...NO_DESTINATION,
      resizeTo: flavor,
      diskConfig,
    }),
  },
  quota: {
    project: ({ server }) => server.projectId,
    adds: ({ request: { flavor }, server }) => ({
      instances: 0,
      cores: flavor.vcpus - server.flavor.vcpus,
      ramMb: flavor.ramMb - server.flavor.ramMb,
    }),
  },
  moves: 'resize',
  action: 'resize',
  event: 'compute_finish_resize',
});

/** Nova's sentence (nova/exception.py CannotMigrateToSameHost). */
const NOVA_REFUSALS = {
  ...UNKNOWN_HOST,
  same: () => 'Cannot migrate to the host where the server exists.',
} as const;

/**
 * Cold migration is a resize to the same flavor on another host. Mirrors nova/conductor/tasks/migrate.py
 * MigrationTask.
 */
export const migrateServer = resizing(false, {
  kind: 'migrate-server',
  legal: 'migrate',
  input: asRequested<HostInput>(INPUT),
  begin: {
    check: (context) => requireOtherHost(context, { ...NOVA_REFUSALS, asks: ['fetch-disks'] }),
    patch: () => NO_DESTINATION,
  },
  asks: ['offer-disks'],
  moves: 'migration',
  action: 'migrate',
  event: 'cold_migrate',
  namesHosts: true,
});

const NO_WAY_BACK = { oldHost: null, oldFlavor: null, oldDiskSet: null, oldVmState: null } as const;

/** Whether the way back leads to another host. */
function cameFromElsewhere({ server }: Pick<StepContext, 'server'>): boolean {
  return server.oldHost !== null && server.oldHost !== server.host;
}

async function deleteSet({ ask, server }: StepContext, set: string | null): Promise<void> {
  if (set !== null) await ask({ verb: 'delete-disks', server: server.id, set });
}

/** The serial is kept. Mirrors nova/compute/manager.py confirm_resize. */
export const confirmResize = defineOperation({
  kind: 'confirm-resize',
  legal: 'confirmResize',
  taskState: 'resize_confirming',
  version: 1,
  input: PENDING_RESIZE,
  action: 'confirmResize',
  event: 'compute_confirm_resize',
  migration: { finished: 'confirmed', abandoned: 'error' },
  steps: [
    tidy((context) => {
      const { server } = context;
      if (!cameFromElsewhere(context)) return deleteSet(context, server.oldDiskSet);
      return leaveHost(context, { host: server.oldHost, stays: server.host, set: server.oldDiskSet });
    }),
  ],
  finished: ({ server }) => ({ ...(server.powerState === 'running' ? RUNNING : STOPPED), ...NO_WAY_BACK }),
  abandoned: toPreviousState,
});

function asItWas(server: Server): Server {
  return {
    ...server,
    host: server.oldHost ?? server.host,
    flavor: server.oldFlavor ?? server.flavor,
    diskSet: server.oldDiskSet ?? server.diskSet,
  };
}

const onOldHost = { on: ({ server }: StepContext) => asItWas(server).host } as const;

/**
 * The serial is decided anew, by the host that the server goes back to, with the old flavor. Mirrors
 * nova/compute/manager.py ComputeManager.finish_revert_resize.
 */
export const revertResize = defineOperation({
  kind: 'revert-resize',
  legal: 'revertResize',
  taskState: 'resize_reverting',
  version: 1,
  input: PENDING_RESIZE,
  action: 'revertResize',
  event: 'compute_revert_resize',
  migration: { finished: 'reverted', abandoned: 'error' },
  steps: [
    define(({ server }) => planOf(asItWas(server)), { ...onOldHost, taskState: 'resize_reverting' }),
    powerOff({ politely: false }),
    boot({ ...onOldHost, when: ({ server }) => server.oldVmState !== 'stopped' }),
    tidy((context) => {
      const { server } = context;
      if (!cameFromElsewhere(context)) return deleteSet(context, server.diskSet);
      return leaveHost(context, { host: server.host, stays: server.oldHost, set: server.diskSet });
    }, onOldHost),
  ],
  finished: ({ server, now }) => {
    const { host, flavor, diskSet } = asItWas(server);
    const rests = server.oldVmState === 'stopped' ? STOPPED : RUNNING;
    return { ...rests, host, flavor, diskSet, ...NO_WAY_BACK, launchedAt: now };
  },
  abandoned: toPreviousState,
});
