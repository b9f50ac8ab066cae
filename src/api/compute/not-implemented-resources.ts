import type { Route } from '../http/route.ts';
import { notBuilt } from './not-implemented.ts';

/** Resources of the API reference that Nameplate does not have (yet). */
export const notBuiltResourceRoutes: Route[] = [
  notBuilt({
    method: 'GET',
    path: '/os-instance_usage_audit_log',
    access: 'admin',
    policy: 'os_compute_api:os-instance-usage-audit-log:list',
    what: 'The log of usage audits',
  }),
  notBuilt({
    method: 'GET',
    path: '/os-instance_usage_audit_log/:before',
    access: 'admin',
    policy: 'os_compute_api:os-instance-usage-audit-log:show',
    what: 'The log of usage audits',
  }),
  notBuilt({
    method: 'POST',
    path: '/os-server-external-events',
    access: 'admin',
    policy: 'os_compute_api:os-server-external-events:create',
    what: 'Taking in events of other services',
  }),
  notBuilt({
    method: 'GET',
    path: '/os-console-auth-tokens/:console_token',
    access: 'admin',
    policy: 'os_compute_api:os-console-auth-tokens',
    what: 'Looking up console tokens',
  }),
  notBuilt({
    method: 'POST',
    path: '/os-assisted-volume-snapshots',
    access: 'admin',
    policy: 'os_compute_api:os-assisted-volume-snapshots:create',
    what: 'Snapshots of volumes',
  }),
  notBuilt({
    method: 'DELETE',
    path: '/os-assisted-volume-snapshots/:snapshot_id',
    access: 'admin',
    policy: 'os_compute_api:os-assisted-volume-snapshots:delete',
    what: 'Snapshots of volumes',
  }),
];
