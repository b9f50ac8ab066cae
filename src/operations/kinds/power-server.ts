import type { GuestCommand } from '../../model/command.ts';
import { asFailure } from '../../model/failure.ts';
import { planOf } from '../../model/guest.ts';
import type { PowerState } from '../../model/server.ts';
import { asRequested } from '../engine/beginning.ts';
import { defineOperation, type OperationKind, type Step, type StepContext } from '../engine/step.ts';
import { NO_INPUT, type NoInput } from '../engine/stored-values.ts';
import { RUNNING, STOPPED, toPreviousState } from '../steps/final-states.ts';
import { boot, define, powerOff, tidy } from '../steps/guest-steps.ts';

/** An operation of one step on the guest as it is defined: the serial is kept. */
function single<Name extends string>(
  spec: Omit<OperationKind<Name, NoInput>, 'version' | 'input' | 'steps' | 'abandoned'> &
    Pick<Step, 'name' | 'do' | 'undo' | 'timeoutMs'> &
    Partial<Pick<Step, 'tries'> & Pick<OperationKind, 'abandoned'>>,
): OperationKind<Name, NoInput> {
  const { name, do: act, undo, timeoutMs, tries = 8, ...kind } = spec;
  const steps = [{ name, output: null, do: act, undo, timeoutMs, tries }];
  return { abandoned: toPreviousState, ...kind, version: 1, input: asRequested(NO_INPUT), steps };
}

function asking(verb: GuestCommand) {
  return async ({ ask, server }: StepContext) => {
    await ask({ verb, server: server.id });
    return undefined;
  };
}

/**
 * Takes a step back where the guest is not in this power: there it did not happen, or the guest ended
 * meanwhile.
 */
function unless(power: PowerState, verb: GuestCommand) {
  return async ({ ask, server }: StepContext): Promise<undefined> => {
    const guest = await ask({ verb: 'observe', server: server.id });
    if (guest.power !== power) await ask({ verb, server: server.id });
  };
}

/** The serial is decided anew: a start is a hard reboot, as in nova/virt/libvirt/driver.py power_on. */
export const startServer = defineOperation({
  kind: 'start-server',
  legal: 'start',
  taskState: 'powering-on',
  version: 1,
  input: asRequested(NO_INPUT),
  action: 'start',
  event: 'compute_start_instance',
  steps: [
    define(({ server }) => planOf(server), { taskState: 'powering-on' }),
    powerOff({ politely: false }),
    boot(),
    tidy(),
  ],
  finished: () => RUNNING,
  abandoned: toPreviousState,
});

/**
 * Asks the guest to power off, and ends it when it does not within the shutdown timeout
 * (nova/virt/libvirt/driver.py power_off).
 */
export const stopServer = single({
  kind: 'stop-server',
  legal: 'stop',
  taskState: 'powering-off',
  action: 'stop',
  event: 'compute_stop_instance',
  name: 'power off',
  timeoutMs: 30 * 60_000,
  undo: 'a guest that did not power off runs as before; one that did is reported as stopped',
  async do({ ask, server, settings }) {
    const off = await ask({ verb: 'shutdown', server: server.id, timeoutMs: settings.shutdownMs });
    if (!off) await ask({ verb: 'destroy', server: server.id });
    return undefined;
  },
  finished: () => STOPPED,
});

export const pauseServer = single({
  kind: 'pause-server',
  legal: 'pause',
  taskState: 'pausing',
  action: 'pause',
  event: 'compute_pause_instance',
  name: 'pause',
  timeoutMs: 60_000,
  undo: unless('shutdown', 'unpause'),
  do: asking('pause'),
  finished: () => ({ vmState: 'paused', taskState: null, powerState: 'paused' }),
});

export const unpauseServer = single({
  kind: 'unpause-server',
  legal: 'unpause',
  taskState: 'unpausing',
  action: 'unpause',
  event: 'compute_unpause_instance',
  name: 'unpause',
  timeoutMs: 60_000,
  undo: unless('shutdown', 'pause'),
  do: asking('unpause'),
  finished: () => RUNNING,
});

export const suspendServer = single({
  kind: 'suspend-server',
  legal: 'suspend',
  taskState: 'suspending',
  action: 'suspend',
  event: 'compute_suspend_instance',
  name: 'suspend',
  timeoutMs: 30 * 60_000,
  async undo({ ask, server }): Promise<undefined> {
    try {
      await ask({ verb: 'resume', server: server.id });
    } catch (error) {
      if (asFailure(error).kind !== 'conflict') throw error; // it went off by itself: there is no memory to go on from
    }
  },
  do: asking('suspend'),
  finished: () => ({ vmState: 'suspended', taskState: null, powerState: 'shutdown' }),
});

export const resumeServer = single({
  kind: 'resume-server',
  legal: 'resume',
  taskState: 'resuming',
  action: 'resume',
  event: 'compute_resume_instance',
  name: 'resume',
  timeoutMs: 30 * 60_000,
  undo: unless('shutdown', 'suspend'),
  do: asking('resume'),
  finished: () => RUNNING,
});

/**
 * Sends the guest a non-maskable interrupt; the serial is kept. Nova shows no task state
 * (nova/compute/manager.py ComputeManager.trigger_crash_dump). A second interrupt could end the dump that the
 * first one began: it is sent again only after a crash of this service.
 */
export const triggerCrashDump = single({
  kind: 'trigger-crash-dump',
  legal: 'trigger_crash_dump',
  taskState: null,
  action: 'trigger_crash_dump',
  event: 'compute_trigger_crash_dump',
  asks: ['injectNmi'],
  name: 'inject NMI',
  timeoutMs: 60_000,
  tries: 1,
  undo: 'an interrupt cannot be taken back',
  do: asking('injectNmi'),
  finished: () => ({}),
  abandoned: () => ({}),
});

/** Operations of one step. */
export const POWER_KINDS = [
  ...([stopServer, pauseServer, unpauseServer, suspendServer, resumeServer] as const),
  triggerCrashDump,
] as const;
