import { Type } from 'typebox';
import type { Route } from '../../../http/route.ts';
import { requesterOf } from '../found-server.ts';
import { action } from './action.ts';
import { simpleAction } from './simple-action.ts';

const Reboot = Type.Object(
  { type: Type.String({ enum: ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft'] }) },
  { additionalProperties: false },
);

/** https://docs.openstack.org/api-ref/compute/#servers-run-an-action-servers-action */
export const powerActions: readonly Route[] = [
  simpleAction('os-start', {
    policy: 'os_compute_api:servers:start',
    summary: 'Start a stopped server',
    run: (operations, server, by) => operations.start(server, by),
  }),
  simpleAction('os-stop', {
    policy: 'os_compute_api:servers:stop',
    summary: 'Stop a server',
    run: (operations, server, by) => operations.power('stop-server', server, by),
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
  simpleAction('pause', {
    policy: 'os_compute_api:os-pause-server:pause',
    summary: 'Pause a server',
    run: (operations, server, by) => operations.power('pause-server', server, by),
  }),
  simpleAction('unpause', {
    policy: 'os_compute_api:os-pause-server:unpause',
    summary: 'Let a paused server go on',
    run: (operations, server, by) => operations.power('unpause-server', server, by),
  }),
  simpleAction('suspend', {
    policy: 'os_compute_api:os-suspend-server:suspend',
    summary: 'Suspend a server to disk',
    run: (operations, server, by) => operations.power('suspend-server', server, by),
  }),
  simpleAction('resume', {
    policy: 'os_compute_api:os-suspend-server:resume',
    summary: 'Resume a suspended server',
    run: (operations, server, by) => operations.power('resume-server', server, by),
  }),
];
