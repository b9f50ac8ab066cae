import {
  AuthenticationUnsupported,
  CallAborted,
  ConnectionLost,
  DeadlineExceeded,
  errorCodes,
  LibvirtError,
  UriError,
} from 'libvirt-rpc';
import { Failure, type FailureKind } from '../../../model/failure.ts';
import { knownRefusal } from './refusals.ts';

/** Failure kinds by libvirt's error codes. All other codes are `internal`. */
const KINDS: Readonly<Record<number, FailureKind>> = {
  [errorCodes.ERR_NO_DOMAIN]: 'not-found',
  [errorCodes.ERR_OPERATION_INVALID]: 'conflict',
  [errorCodes.ERR_RESOURCE_BUSY]: 'conflict',
  [errorCodes.ERR_OPERATION_TIMEOUT]: 'timed-out',
  [errorCodes.ERR_NO_MEMORY]: 'out-of-space',
  [errorCodes.ERR_XML_ERROR]: 'invalid',
  [errorCodes.ERR_XML_DETAIL]: 'invalid',
  [errorCodes.ERR_XML_INVALID_SCHEMA]: 'invalid',
  [errorCodes.ERR_CONFIG_UNSUPPORTED]: 'invalid',
};

const NO_ACCESS = /permission denied/i;

function sentence(kind: FailureKind, what: string): string {
  switch (kind) {
    case 'not-found':
      return `The compute host has no such guest: ${what}.`;
    case 'conflict':
      return `The guest is in a state that does not allow this: ${what}.`;
    case 'invalid':
      return `The compute host's hypervisor does not accept the guest: ${what}.`;
    case 'out-of-space':
      return `The compute host has no space or memory left: ${what}.`;
    default:
      return `The compute host's hypervisor failed: ${what}.`;
  }
}

function failureOfAnswer(error: LibvirtError, what: string): Failure {
  const known = knownRefusal(error.message);
  const kind = known?.kind ?? KINDS[error.code] ?? 'internal';
  const advice = NO_ACCESS.test(error.message)
    ? ' (the user that QEMU runs as must be able to reach the state directory: give it a path that others may pass through, mode 0711)'
    : '';
  return new Failure(kind, sentence(kind, known?.user ?? what), {
    operatorText: `${what}: libvirt says ${error.codeName}: ${error.message}${advice}`,
    cause: error,
  });
}

/**
 * Converts an error of a libvirt call to a failure. `what` names the work. A call that was never sent is
 * `unavailable`; a call without an answer is `outcome-unknown`.
 */
export function libvirtFailure(thrown: unknown, what: string): Failure {
  if (thrown instanceof Failure) return thrown;
  if (thrown instanceof LibvirtError) return failureOfAnswer(thrown, what);
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const details = { operatorText: `${what}: ${text}`, cause: thrown };
  if (thrown instanceof ConnectionLost || thrown instanceof DeadlineExceeded || thrown instanceof CallAborted)
    return thrown.outcome === 'unknown'
      ? new Failure(
          'outcome-unknown',
          `The hypervisor stopped answering: ${what} may or may not have happened.`,
          details,
        )
      : new Failure('unavailable', `The compute host's hypervisor does not answer: ${what}.`, details);
  if (thrown instanceof AuthenticationUnsupported || thrown instanceof UriError)
    return new Failure('unavailable', `The compute host's hypervisor cannot be reached: ${what}.`, details);
  return new Failure('internal', `The compute host failed: ${what}.`, details);
}

/** Whether libvirtd answered with this error code. */
export function isAnswer(thrown: unknown, code: keyof typeof errorCodes): boolean {
  return thrown instanceof LibvirtError && thrown.code === errorCodes[code];
}
