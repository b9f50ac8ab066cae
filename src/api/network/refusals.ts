import { Failure } from '../../model/failure.ts';
import type { Port } from '../../model/network/port.ts';

/** Failures in Neutron's words and names (neutron_lib/exceptions/__init__.py). */
export function networkNotFound(id: string): Failure {
  return new Failure('not-found', `Network ${id} could not be found.`, { type: 'NetworkNotFound' });
}

export function subnetNotFound(id: string): Failure {
  return new Failure('not-found', `Subnet ${id} could not be found.`, { type: 'SubnetNotFound' });
}

export function portNotFound(id: string): Failure {
  return new Failure('not-found', `Port ${id} could not be found.`, { type: 'PortNotFound' });
}

/** neutron/extensions/securitygroup.py SecurityGroupNotFound */
export function groupNotFound(id: string): Failure {
  return new Failure('not-found', `Security group ${id} does not exist`, { type: 'SecurityGroupNotFound' });
}

/** neutron_lib/exceptions/__init__.py InvalidInput */
export function invalidInput(why: string): Failure {
  return new Failure('invalid', `Invalid input for operation: ${why}.`, { type: 'InvalidInput' });
}

/** A policy's refusal with the reason, where the rule's name alone does not say it. */
export function refusedByPolicy(rule: string, why: string): Failure {
  return new Failure('forbidden', `rule:${rule} is disallowed by policy: ${why}.`, {
    type: 'PolicyNotAuthorized',
  });
}

/** neutron_lib/exceptions/__init__.py PortInUse */
export function portInUse({ id, networkId, deviceId }: Port): Failure {
  return new Failure(
    'conflict',
    `Unable to complete operation on port ${id} for network ${networkId}. Port already has an attached device ${deviceId}: detach it from the server first.`,
    { type: 'PortInUse' },
  );
}
