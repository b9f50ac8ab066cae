import { Failure } from '../../../../model/failure.ts';
import { Type } from '../../../../model/schema.ts';
import { forbidden } from '../../../http/access.ts';
import type { Route } from '../../../http/route.ts';
import { requesterOf } from '../found-server.ts';
import { action } from './action.ts';

const Lock = Type.Unsafe<{ locked_reason?: string } | null>({
  anyOf: [
    { type: 'null' },
    {
      type: 'object',
      properties: { locked_reason: { type: 'string', minLength: 1, maxLength: 255 } },
      additionalProperties: false,
    },
  ],
});

const lock = {
  key: 'lock',
  access: 'member',
  policy: 'os_compute_api:os-lock-server:lock',
  summary: 'Lock a server against all but administrators',
} as const;

/** https://docs.openstack.org/api-ref/compute/#lock-server-lock-action: with a reason from 2.73. */
export const lockActions: readonly Route[] = [
  action({
    ...lock,
    until: '2.72',
    async handle({ context, server }) {
      await context.parts.operations.lock(server, null, requesterOf(context));
    },
  }),
  action({
    ...lock,
    since: '2.73',
    schema: Lock,
    async handle({ context, server, body }) {
      await context.parts.operations.lock(server, body?.locked_reason ?? null, requesterOf(context));
    },
  }),
  action({
    key: 'unlock',
    access: 'member',
    policy: 'os_compute_api:os-lock-server:unlock',
    summary: 'Unlock a server',
    async handle({ context, server }) {
      const by = requesterOf(context);
      if (server.locked === 'admin' && !by.isAdmin)
        throw forbidden('os_compute_api:os-lock-server:unlock:unlock_override');
      await context.parts.operations.unlock(server, by);
    },
  }),
  action({
    key: 'restore',
    access: 'member',
    policy: 'os_compute_api:os-deferred-delete:restore',
    summary: 'Never legal: deleting is not deferred, so no server is ever soft-deleted',
    status: 409,
    async handle({ server: { id, vmState } }) {
      throw new Failure('conflict', `Cannot 'restore' instance ${id} while it is in vm_state ${vmState}`);
    },
  }),
];
