import { asFailure } from '../../model/failure.ts';
import { planOf } from '../../model/guest.ts';
import { Type } from '../../model/schema.ts';
import type { ServerPatch } from '../../model/server.ts';
import { asRequested } from '../engine/beginning.ts';
import { type AbandonedContext, defineOperation, type Step, type StepContext } from '../engine/step.ts';
import { NO_INPUT, outputOf, outputSchema } from '../engine/stored-values.ts';
import { isInPreviousState, RUNNING, STOPPED, toPreviousState } from '../steps/final-states.ts';
import { boot, define, POWERED_OFF, powerOff, tidy } from '../steps/guest-steps.ts';

const plan = ({ server }: StepContext) => planOf(server);

/** New definition before old guest: one that cannot be made leaves the guest as it is. */
function hardBootSteps(when: (context: StepContext) => boolean): Step[] {
  return [
    define(plan, { taskState: 'reboot_started_hard', when }),
    powerOff({ politely: false, when }),
    boot({ when }),
    tidy(),
  ];
}

/**
 * A suspended server whose guest was taken as far as its power has lost its saved memory for sure, or may
 * have: it is stopped.
 */
function toStopped(context: AbandonedContext): ServerPatch {
  const lost =
    context.server.vmState === 'suspended' && outputOf(context.operation, POWERED_OFF)?.poweredOff === true;
  return lost && isInPreviousState(context) ? STOPPED : toPreviousState(context);
}

/** The serial is decided anew. Mirrors nova/virt/libvirt/driver.py _hard_reboot. */
export const hardRebootServer = defineOperation({
  kind: 'hard-reboot-server',
  legal: 'hard reboot',
  taskState: 'rebooting_hard',
  version: 1,
  input: asRequested(NO_INPUT),
  action: 'reboot',
  event: 'compute_reboot_instance',
  steps: hardBootSteps(() => true),
  finished: () => RUNNING,
  abandoned: toStopped,
});

const REBOOTED = outputSchema<{ readonly rebooted: boolean }>('ask the guest', { rebooted: Type.Boolean() });

const askGuest: Step<{ readonly rebooted: boolean }> = {
  ...REBOOTED,
  taskState: 'reboot_started',
  timeoutMs: 30 * 60_000,
  tries: 1,
  async do({ ask, server, settings }) {
    const timeoutMs = settings.softRebootMs;
    try {
      return { rebooted: await ask({ verb: 'soft-reboot', server: server.id, timeoutMs }) };
    } catch (error) {
      // It may be off by now, and was meant to run: a hard reboot brings it up whatever happened.
      if (asFailure(error).kind === 'outcome-unknown') return { rebooted: false };
      throw error;
    }
  },
  undo: 'the guest has either rebooted or runs as before',
};

/**
 * The serial is kept, unless the guest does not follow: then it becomes a hard reboot, as in
 * nova/virt/libvirt/driver.py reboot.
 */
export const softRebootServer = defineOperation({
  kind: 'soft-reboot-server',
  legal: 'reboot',
  taskState: 'rebooting',
  version: 1,
  input: asRequested(NO_INPUT),
  action: 'reboot',
  event: 'compute_reboot_instance',
  steps: [askGuest, ...hardBootSteps(({ operation }) => outputOf(operation, REBOOTED)?.rebooted !== true)],
  finished: () => RUNNING,
  abandoned: toPreviousState,
});
