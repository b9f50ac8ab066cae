import type { InstanceAction, InstanceActionEvent } from '../../../model/operation.ts';
import type { Microversion } from '../../http/microversion.ts';
import { plainTime, plainTimeOrNull } from '../times.ts';
import { hostIdOf } from './view.ts';

interface Viewing {
  readonly version: Microversion;
  readonly isAdmin: boolean;
}

/** An action in a list; 2.58 says when it last changed. */
export function actionLine(action: InstanceAction, version: Microversion): Record<string, unknown> {
  return {
    action: action.action,
    instance_uuid: action.serverId,
    request_id: action.requestId,
    user_id: action.userId,
    project_id: action.projectId,
    start_time: plainTime(action.startedAt),
    message: action.message,
    ...(version >= 58 && { updated_at: plainTime(action.updatedAt) }),
  };
}

/** An action with its events, which were for administrators only until 2.51. */
export function wholeAction(action: InstanceAction, viewing: Viewing): Record<string, unknown> {
  const showsEvents = viewing.isAdmin || viewing.version >= 51;
  return {
    ...actionLine(action, viewing.version),
    ...(showsEvents && { events: action.events.map((event) => eventLine(action, event, viewing)) }),
  };
}

/** 2.51 takes tracebacks from users, 2.62 adds the host, 2.84 what a user may know of a failure. */
function eventLine(action: InstanceAction, event: InstanceActionEvent, { version, isAdmin }: Viewing) {
  return {
    event: event.event,
    start_time: plainTime(event.startedAt),
    finish_time: plainTimeOrNull(event.finishedAt),
    result: event.result,
    ...(isAdmin && { traceback: event.traceback }),
    ...(version >= 62 && { hostId: hostIdOf(action.projectId, event.host) }),
    ...(version >= 62 && isAdmin && { host: event.host }),
    ...(version >= 84 && { details: event.details }),
  };
}
