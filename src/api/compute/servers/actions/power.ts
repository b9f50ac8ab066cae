import { Type } from '../../../../model/schema.ts';
import {
  pauseServer,
  resumeServer,
  startServer,
  stopServer,
  suspendServer,
  triggerCrashDump,
  unpauseServer,
} from '../../../../operations/kinds/power-server.ts';
import { hardRebootServer, softRebootServer } from '../../../../operations/kinds/reboot-server.ts';
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
    starts: startServer,
  }),
  simpleAction('os-stop', {
    policy: 'os_compute_api:servers:stop',
    summary: 'Stop a server',
    starts: stopServer,
  }),
  action({
    key: 'reboot',
    access: 'member',
    policy: 'os_compute_api:servers:reboot',
    summary: 'Reboot a server, softly or hard',
    schema: Reboot,
    async handle({ context, server, body }) {
      const kind = body.type.toUpperCase() === 'SOFT' ? softRebootServer : hardRebootServer;
      await context.parts.operations.start(kind, server, {}, requesterOf(context));
    },
  }),
  simpleAction('pause', {
    policy: 'os_compute_api:os-pause-server:pause',
    summary: 'Pause a server',
    starts: pauseServer,
  }),
  simpleAction('unpause', {
    policy: 'os_compute_api:os-pause-server:unpause',
    summary: 'Let a paused server go on',
    starts: unpauseServer,
  }),
  simpleAction('suspend', {
    policy: 'os_compute_api:os-suspend-server:suspend',
    summary: 'Suspend a server to disk',
    starts: suspendServer,
  }),
  simpleAction('resume', {
    policy: 'os_compute_api:os-suspend-server:resume',
    summary: 'Resume a suspended server',
    starts: resumeServer,
  }),
  simpleAction('trigger_crash_dump', {
    since: '2.17',
    policy: 'os_compute_api:servers:trigger_crash_dump',
    summary: 'Send the guest an NMI, on which it may dump its memory',
    starts: triggerCrashDump,
  }),
];
