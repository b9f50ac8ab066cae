import type { FlavorSnapshot } from '../model/flavor.ts';
import { type GuestPlan, planOf } from '../model/guest.ts';
import type { Server } from '../model/server.ts';
import { asBefore, RUNNING, STOPPED } from './ends.ts';
import { boot, createDisks, define, powerOff, tidy, wasRunning } from './guest-steps.ts';
import type { OperationKind, StepContext } from './step.ts';

function larger({ server, operation }: StepContext): GuestPlan {
  const flavor = operation.input.flavor as FlavorSnapshot;
  return planOf({ ...server, flavor, diskSet: operation.id });
}

/** The serial is decided anew, with the new flavor. The old disks stay until the resize is confirmed. Mirrors nova/compute/manager.py finish_resize. */
export const resizeServer: OperationKind = {
  kind: 'resize-server',
  action: 'resize',
  event: 'compute_finish_resize',
  steps: [
    define(larger, { taskState: 'resize_prep' }),
    powerOff({ politely: true, taskState: 'resize_migrating' }),
    createDisks(larger, { taskState: 'resize_migrated', from: ({ server }) => ({ copyOf: server.diskSet }) }),
    boot({ taskState: 'resize_finish', when: wasRunning }),
    tidy(),
  ],
  finished: ({ operation, server, now }) => ({
    vmState: 'resized',
    taskState: null,
    powerState: wasRunning({ server }) ? 'running' : 'shutdown',
    flavor: operation.input.flavor as FlavorSnapshot,
    oldFlavor: server.flavor,
    diskSet: operation.id,
    oldDiskSet: server.diskSet,
    oldVmState: wasRunning({ server }) ? 'active' : 'stopped',
    launchedAt: now,
    progress: 100,
  }),
  abandoned: asBefore,
};

const NO_WAY_BACK = { oldFlavor: null, oldDiskSet: null, oldVmState: null } as const;

/** The serial is kept. Mirrors nova/compute/manager.py confirm_resize. */
export const confirmResize: OperationKind = {
  kind: 'confirm-resize',
  action: 'confirmResize',
  event: 'compute_confirm_resize',
  steps: [tidy(({ server }) => server.oldDiskSet)],
  finished: ({ server }) => ({ ...(server.powerState === 'running' ? RUNNING : STOPPED), ...NO_WAY_BACK }),
  abandoned: asBefore,
};

function smaller({ server }: StepContext): GuestPlan {
  return planOf(asItWas(server));
}

function asItWas(server: Server): Server {
  return {
    ...server,
    flavor: server.oldFlavor ?? server.flavor,
    diskSet: server.oldDiskSet ?? server.diskSet,
  };
}

/** The serial is decided anew, with the old flavor. Mirrors nova/compute/manager.py finish_revert_resize. */
export const revertResize: OperationKind = {
  kind: 'revert-resize',
  action: 'revertResize',
  event: 'compute_revert_resize',
  steps: [
    define(smaller, { taskState: 'resize_reverting' }),
    powerOff({ politely: false }),
    boot({ when: ({ server }) => server.oldVmState !== 'stopped' }),
    tidy(({ server }) => server.diskSet),
  ],
  finished: ({ server, now }) => ({
    ...(server.oldVmState === 'stopped' ? STOPPED : RUNNING),
    flavor: asItWas(server).flavor,
    diskSet: asItWas(server).diskSet,
    ...NO_WAY_BACK,
    launchedAt: now,
  }),
  abandoned: asBefore,
};
