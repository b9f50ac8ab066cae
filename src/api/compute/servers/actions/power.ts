import { Type } from 'typebox';
import type { Server } from '../../../../model/server.ts';
import type { Operations, Requester } from '../../../../operations/requests/operations.ts';
import type { Route } from '../../../http/route.ts';
import { requesterOf } from '../found-server.ts';
import { action } from './action.ts';

type Simple = (operations: Operations, server: Server, by: Requester) => Promise<void>;

/** Actions that take nothing and go on by themselves. */
function simple(key: string, of: { policy: string; summary: string; run: Simple; status?: number }): Route {
  const { run, ...said } = of;
  return action({
    key,
    access: 'member',
    ...said,
    async handle({ context, server }) {
      await run(context.parts.operations, server, requesterOf(context));
    },
  });
}

const Reboot = Type.Object(
  { type: Type.String({ enum: ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft'] }) },
  { additionalProperties: false },
);

/** https://docs.openstack.org/api-ref/compute/#servers-run-an-action-servers-action */
export const powerActions: readonly Route[] = [
  simple('os-start', {
    policy: 'os_compute_api:servers:start',
    summary: 'Start a stopped server',
    run: (operations, server, by) => operations.start(server, by),
  }),
  simple('os-stop', {
    policy: 'os_compute_api:servers:stop',
    summary: 'Stop a server',
    run: (operations, server, by) => operations.stop(server, by),
  }),
  action({
    key: 'reboot',
    access: 'member',
    policy: 'os_compute_api:servers:reboot',
    summary: 'Reboot a server, softly or hard',
    schema: Reboot,
    async handle({ context, server, body }) {
      const type = body.type.toUpperCase() as 'SOFT' | 'HARD';
      await context.parts.operations.reboot(server, type, requesterOf(context));
    },
  }),
  simple('pause', {
    policy: 'os_compute_api:os-pause-server:pause',
    summary: 'Pause a server',
    run: (operations, server, by) => operations.pause(server, by),
  }),
  simple('unpause', {
    policy: 'os_compute_api:os-pause-server:unpause',
    summary: 'Let a paused server go on',
    run: (operations, server, by) => operations.unpause(server, by),
  }),
  simple('suspend', {
    policy: 'os_compute_api:os-suspend-server:suspend',
    summary: 'Suspend a server to disk',
    run: (operations, server, by) => operations.suspend(server, by),
  }),
  simple('resume', {
    policy: 'os_compute_api:os-suspend-server:resume',
    summary: 'Resume a suspended server',
    run: (operations, server, by) => operations.resume(server, by),
  }),
  simple('confirmResize', {
    policy: 'os_compute_api:servers:confirm_resize',
    summary: 'Keep what a resize made',
    status: 204,
    run: (operations, server, by) => operations.confirmResize(server, by),
  }),
  simple('revertResize', {
    policy: 'os_compute_api:servers:revert_resize',
    summary: 'Go back to what was before a resize',
    run: (operations, server, by) => operations.revertResize(server, by),
  }),
  simple('forceDelete', {
    policy: 'os_compute_api:os-deferred-delete:force',
    summary: 'Delete a server at once; here, deleting is never deferred',
    run: (operations, server, by) => operations.delete(server, by),
  }),
];
