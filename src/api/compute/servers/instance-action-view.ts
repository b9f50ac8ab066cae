import type { InstanceAction, InstanceActionEvent } from '../../../model/operation.ts';
import type { Microversion } from '../../http/microversion.ts';
import {
  changed,
  links,
  listOf,
  object,
  optional,
  since,
  text,
  textOrNull,
  time,
  timeOrNull,
} from '../../http/shape.ts';
import { plainTime, plainTimeOrNull } from '../times.ts';
import { hostIdOf } from './view.ts';

interface Viewing {
  readonly version: Microversion;
  readonly isAdmin: boolean;
}

/** An action in a list; from 2.58 with the time of its last change. */
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

/** An action with its events, which only administrators see below 2.51. */
export function wholeAction(action: InstanceAction, viewing: Viewing): Record<string, unknown> {
  const showsEvents = viewing.isAdmin || viewing.version >= 51;
  return {
    ...actionLine(action, viewing.version),
    ...(showsEvents && { events: action.events.map((event) => eventLine(action, event, viewing)) }),
  };
}

/** 2.51 removes tracebacks for users, 2.62 adds the host, 2.84 adds details of a failure for users. */
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

const line = {
  action: text,
  instance_uuid: text,
  request_id: text,
  user_id: text,
  project_id: text,
  start_time: time,
  message: textOrNull,
  updated_at: since(58, time),
};
const events = listOf(
  object(
    {
      event: text,
      start_time: time,
      finish_time: timeOrNull,
      result: textOrNull,
      traceback: optional(textOrNull),
      hostId: since(62, text),
      host: since(62, optional(textOrNull)),
      details: since(84, textOrNull),
    },
    'InstanceActionEvent',
  ),
);
const forAdministrators = object({ ...line, events: optional(events) }, 'InstanceAction');
const forAll = object({ ...line, events }, 'InstanceAction');

export const instanceActionList = object({
  instanceActions: listOf(object(line, 'InstanceActionLine')),
  links: since(58, optional(links)),
});
/** Below 2.51 only administrators see events. */
export const oneInstanceAction = object({ instanceAction: changed(50, forAdministrators, forAll) });
