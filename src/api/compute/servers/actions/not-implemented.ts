import { Failure } from '../../../../model/failure.ts';
import { notImplemented } from '../../../http/failures.ts';
import type { Access, Route } from '../../../http/route.ts';
import { action } from './action.ts';

/** Actions of the Compute API without a route of their own. They answer 501. */
const FURTHER: readonly (readonly [key: string, access: Access, policy: string])[] = [
  ['injectNetworkInfo', 'admin', 'os_compute_api:os-admin-actions:inject_network_info'],
  ['resetNetwork', 'admin', 'os_compute_api:os-admin-actions:reset_network'],
  ['shelve', 'member', 'os_compute_api:os-shelve:shelve'],
  ['shelveOffload', 'admin', 'os_compute_api:os-shelve:shelve_offload'],
  ['unshelve', 'member', 'os_compute_api:os-shelve:unshelve'],
  ['rescue', 'member', 'os_compute_api:os-rescue'],
  ['unrescue', 'member', 'os_compute_api:os-unrescue'],
  ['createImage', 'member', 'os_compute_api:servers:create_image'],
  ['createBackup', 'member', 'os_compute_api:os-create-backup'],
  ['changePassword', 'member', 'os_compute_api:os-admin-password'],
];

/** There are no floating IPs: one that is named is never found. */
const floating = (key: string): Route =>
  action({
    key,
    until: '2.43',
    access: 'member',
    policy: `os_compute_api:os-floating-ips:${key.startsWith('add') ? 'add' : 'remove'}`,
    summary: 'There are no floating IPs',
    status: 404,
    async handle({ body }) {
      const named = (body as { address?: unknown } | null) ?? {};
      throw new Failure(
        'not-found',
        `Floating IP ${String(named.address ?? '').slice(0, 255)} is not found.`,
      );
    },
  });

/** The actions that are refused, as the others are built. */
export function refusedActions(built: readonly Route[]): Route[] {
  const keys = new Set(built.map((route) => route.action));
  return [...FURTHER.filter(([key]) => !keys.has(key)).map(notBuilt), ...FLOATING];
}

function notBuilt([key, access, policy]: (typeof FURTHER)[number]): Route {
  return action({
    key,
    access,
    policy,
    summary: 'Not built yet',
    status: 501,
    async handle() {
      throw notImplemented(`The server action ${key}`);
    },
  });
}

const FLOATING: readonly Route[] = [floating('addFloatingIp'), floating('removeFloatingIp')];
