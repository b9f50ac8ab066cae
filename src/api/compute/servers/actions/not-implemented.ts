import { Failure } from '../../../../model/failure.ts';
import { notImplemented } from '../../../http/failures.ts';
import type { Access, Route } from '../../../http/route.ts';
import { action } from './action.ts';

/** Further actions of the Compute API: each is answered 501 until the table of actions has a route for it. */
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
  ['trigger_crash_dump', 'member', 'os_compute_api:servers:trigger_crash_dump'],
];

/** Actions on a network service, which there is none of: what they name is never found. */
const networked = (key: string, refusal: (named: string, project: string) => Failure): Route =>
  action({
    key,
    ...(key.includes('SecurityGroup') ? {} : { until: '2.43' as const }),
    access: 'member',
    policy: 'os_compute_api:os-security-groups:add',
    summary: 'There is no network service',
    status: key.endsWith('FixedIp') ? 400 : 404,
    async handle({ context, body }) {
      const named = (body as { name?: unknown; address?: unknown } | null) ?? {};
      throw refusal(String(named.name ?? named.address ?? '').slice(0, 255), context.caller.projectId ?? '');
    },
  });

const noGroup = (name: string, project: string) =>
  new Failure('not-found', `Security group ${name} is not found for project ${project}`);
const noAddress = (address: string) => new Failure('not-found', `Floating IP ${address} is not found.`);
const noNetwork = () => new Failure('invalid', 'There is no network service.');

/** The actions that are refused, as the others are built. */
export function refusedActions(built: readonly Route[]): Route[] {
  const keys = new Set(built.map((route) => route.action));
  return [...FURTHER.filter(([key]) => !keys.has(key)).map(notBuilt), ...NETWORKED];
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

const NETWORKED: readonly Route[] = [
  networked('addSecurityGroup', noGroup),
  networked('removeSecurityGroup', noGroup),
  networked('addFloatingIp', noAddress),
  networked('removeFloatingIp', noAddress),
  networked('addFixedIp', noNetwork),
  networked('removeFixedIp', noNetwork),
];
