import type { ComputeHost } from '../../model/host.ts';
import type { Microversion } from '../http/microversion.ts';
import {
  changed,
  flag,
  integer,
  listOf,
  object,
  optional,
  since,
  text,
  textOrNull,
  time,
  word,
} from '../http/shape.ts';
import { plainTime } from './times.ts';

/** The only kind of service. */
export const COMPUTE_BINARY = 'nova-compute';

/**
 * A compute service: 2.11 forced_down, 2.53 its id is a UUID
 * (https://docs.openstack.org/api-ref/compute/#list-compute-services).
 */
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

const status = word('enabled', 'disabled');
const serviceShape = object(
  {
    binary: text,
    host: text,
    id: changed(52, integer, text),
    zone: text,
    status,
    state: word('up', 'down'),
    updated_at: time,
    disabled_reason: textOrNull,
    forced_down: since(11, flag),
  },
  'Service',
);

export const oneService = object({ service: serviceShape });
export const serviceList = object({ services: listOf(serviceShape) });
/** The answer to the old actions, with the changed fields of each. */
export const actedService = object({
  service: object({
    host: text,
    binary: text,
    status: optional(status),
    disabled_reason: optional(text),
    forced_down: optional(flag),
  }),
});
