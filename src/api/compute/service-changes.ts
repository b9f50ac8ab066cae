import { Failure } from '../../model/failure.ts';
import type { ComputeHost } from '../../model/host.ts';
import { parseBoolean } from './field-schemas.ts';
import { COMPUTE_BINARY } from './service-view.ts';

/** The fields of a service that can be changed. */
export type ServiceStatus = Pick<ComputeHost, 'status' | 'disabledReason' | 'forcedDown'>;

/** The body of `PUT /os-services/{uuid}` (2.53). */
export interface ServiceUpdate {
  readonly status?: 'enabled' | 'disabled';
  readonly disabled_reason?: string;
  readonly forced_down?: boolean | string;
}

/** The body of `PUT /os-services/{action}` (to 2.52). */
export interface ServiceAction {
  readonly host: string;
  readonly binary: string;
  readonly disabled_reason?: string;
  readonly forced_down?: boolean | string;
}

/**
 * The state of a service after an update (nova/api/openstack/compute/services.py _update_v253).
 * @throws {Failure} `invalid` on a reason without `disabled`, or without any change
 */
export function updatedStatus(host: ComputeHost, asked: ServiceUpdate): ServiceStatus {
  const { status, disabled_reason: reason, forced_down: forced } = asked;
  if (status === 'enabled' && reason !== undefined)
    throw new Failure('invalid', "Specifying 'disabled_reason' when status is 'enabled' is invalid.");
  if (status === undefined && reason !== undefined)
    throw new Failure('invalid', "Specifying 'disabled_reason' requires that status is 'disabled'.");
  if (status === undefined && forced === undefined)
    throw new Failure(
      'invalid',
      "No updates were requested. Fields 'status' or 'forced_down' should be specified.",
    );
  return {
    status: status ?? host.status,
    disabledReason: status === undefined ? host.disabledReason : (reason ?? null),
    forcedDown: forced === undefined ? host.forcedDown : parseBoolean(forced),
  };
}

/**
 * The state of a service after one of the old actions, and the answer.
 * @throws {Failure} `invalid` when the action's field is missing, `not-found` for an unknown action
 */
export function actedStatus(
  host: ComputeHost,
  action: string,
  asked: ServiceAction,
): [ServiceStatus, object] {
  const named = { host: asked.host, binary: asked.binary };
  const { status, disabledReason, forcedDown } = host;
  switch (action) {
    case 'enable':
      return [
        { status: 'enabled', disabledReason: null, forcedDown },
        { ...named, status: 'enabled' },
      ];
    case 'disable':
      return [
        { status: 'disabled', disabledReason: null, forcedDown },
        { ...named, status: 'disabled' },
      ];
    case 'disable-log-reason': {
      const reason = required(asked.disabled_reason, 'Missing disabled reason field');
      return [
        { status: 'disabled', disabledReason: reason, forcedDown },
        { ...named, status: 'disabled', disabled_reason: reason },
      ];
    }
    case 'force-down': {
      const forced = parseBoolean(required(asked.forced_down, 'Missing forced_down field'));
      return [
        { status, disabledReason, forcedDown: forced },
        { ...named, forced_down: forced },
      ];
    }
    default:
      throw new Failure('not-found', 'Unknown action');
  }
}

/** @throws {Failure} `invalid` for any other binary */
export function requireCompute(binary: string): void {
  if (binary !== COMPUTE_BINARY)
    throw new Failure(
      'invalid',
      `Updating a ${binary} service is not supported. Only ${COMPUTE_BINARY} services can be updated.`,
    );
}

function required<Value>(value: Value | undefined, otherwise: string): Value {
  if (value === undefined) throw new Failure('invalid', otherwise);
  return value;
}
