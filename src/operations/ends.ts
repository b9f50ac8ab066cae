import type { FailureKind } from '../model/failure.ts';
import type { ServerPatch } from '../model/server.ts';
import type { OperationKind } from './step.ts';

/** What the end of an operation that was taken back is worked out from. */
export type Abandoned = Parameters<OperationKind['abandoned']>[0];

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

/** The server in ERROR, with what happened. */
export function broken({ failure, now }: Pick<Abandoned, 'failure' | 'now'>): ServerPatch {
  const fault = {
    code: faultCode(failure.kind),
    message: failure.message,
    details: failure.operatorText,
    createdAt: now,
  };
  return { vmState: 'error', taskState: null, powerState: 'nostate', fault };
}

/** The server as it was before: nothing of its guest was touched, or all of it could be taken back. Otherwise ERROR. */
export function asBefore(context: Abandoned): ServerPatch {
  return context.leftovers ? broken(context) : { taskState: null };
}

/** Nova says 500 for all that the user cannot mend (nova/compute/utils.py). */
function faultCode(kind: FailureKind): number {
  return kind === 'invalid' ? 400 : kind === 'not-found' ? 404 : 500;
}
