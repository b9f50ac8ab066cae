import type { ComputeHost } from '../../model/host.ts';
import type { Microversion } from '../http/microversion.ts';
import { plainTime } from './times.ts';

/** The one kind of service that reports here. */
export const COMPUTE_BINARY = 'nova-compute';

/** A compute service: 2.11 forced_down, 2.53 its id is a UUID (https://docs.openstack.org/api-ref/compute/#list-compute-services). */
export function serviceView(host: ComputeHost, state: 'up' | 'down', version: Microversion) {
  return {
    binary: COMPUTE_BINARY,
    host: host.name,
    id: version >= 53 ? host.serviceId : host.number,
    zone: host.zone,
    status: host.status,
    state,
    updated_at: plainTime(host.lastSeenAt),
    disabled_reason: host.disabledReason,
    ...(version >= 11 && { forced_down: host.forcedDown }),
  };
}
