import type { FailureKind } from '../../model/failure.ts';
import type { ServerPatch } from '../../model/server.ts';
import type { AbandonedContext } from '../engine/step.ts';

/** A running server with nothing going on. */
export const RUNNING = {
  vmState: 'active',
  taskState: null,
  powerState: 'running',
  fault: null,
  progress: 100,
} as const;
/** A stopped server with nothing going on. */
export const STOPPED = { vmState: 'stopped', taskState: null, powerState: 'shutdown', fault: null } as const;

/** The server in ERROR, with what happened, and with the power that its guest really has. */
export function toError({ failure, now, seen }: AbandonedContext): ServerPatch {
  const fault = {
    code: faultCode(failure.kind),
    message: failure.message,
    details: failure.operatorText,
    createdAt: now,
  };
  return {
    vmState: 'error',
    taskState: null,
    powerState: seen === null || seen === 'absent' ? 'nostate' : seen,
    fault,
  };
}

/** The server as it was before, where it is; otherwise ERROR. */
export function toPreviousState(context: AbandonedContext): ServerPatch {
  return isInPreviousState(context) ? { taskState: null } : toError(context);
}

/**
 * Whether the server is as before: nothing of its guest was touched, or all of it could be taken back; or
 * what could not be are files and definitions that the next operation makes anew, and the host shows the
 * guest in the power that it had.
 */
export function isInPreviousState({ leftovers, newGuestLeft, seen, server }: AbandonedContext): boolean {
  return !leftovers || (seen === server.powerState && !newGuestLeft);
}

/** Nova says 500 for all that the user cannot mend (nova/compute/utils.py exception_to_dict). */
function faultCode(kind: FailureKind): number {
  return kind === 'invalid' ? 400 : kind === 'not-found' ? 404 : 500;
}
