import { Failure } from '../../../model/failure.ts';
import { parseFlexibleBoolean } from '../../../model/flexible-boolean.ts';
import type { FlavorId, HostName, ServerId, UserId } from '../../../model/ids.ts';
import { POWER_STATES, type TaskState, taskStatesOfStatus, vmStatesOfStatus } from '../../../model/server.ts';
import type { ServerFilter } from '../../../store/promise/servers.ts';
import { forbidden } from '../../http/access.ts';
import { idInReference } from '../../http/id-in-reference.ts';
import type { RequestContext } from '../../http/route.ts';
import { requestedTime } from '../times.ts';
import type { ListQuery } from './list-schemas.ts';

/**
 * Filters for everybody. Other filters are for administrators, and silently ignored for others (nova
 * servers.py _get_server_search_options).
 */
const FOR_ALL = ['reservation_id', 'name', 'status', 'image', 'flavor', 'ip', 'changes-since', 'all_tenants'];
const FOR_ALL_SINCE: readonly (readonly [number, readonly string[]])[] = [
  [5, ['ip6']],
  [26, ['tags', 'tags-any', 'not-tags', 'not-tags-any']],
  [66, ['changes-before']],
  [73, ['locked']],
  [
    83,
    ['availability_zone', 'config_drive', 'key_name', 'created_at', 'launched_at', 'terminated_at', 'power_state',
      'task_state', 'vm_state', 'progress', 'user_id'],
  ],
]; // biome-ignore format: one list

/** Filters that are ignored below their microversion. */
const NEW_WORDS = ['tags', 'tags-any', 'not-tags', 'not-tags-any', 'changes-before', 'locked'];

/**
 * Filters of Nova that this store does not support. They are refused, because ignoring them would give a
 * wrong list.
 */
const NOT_BUILT = [
  'access_ip_v4',
  'access_ip_v6',
  'created_at',
  'launched_at',
  'terminated_at',
  'progress',
  'hostname',
  'description',
  'launch_index',
  'kernel_id',
  'ramdisk_id',
  'root_device_name',
  'locked_by',
  'display_description',
  'auto_disk_config',
  'soft_deleted',
];

const MAX_TAGS = 50;

/** The filter of a list; `nothing` when no server can match. */
export type ListFilter = ServerFilter | 'nothing';

/**
 * Parses the filters of a list of servers.
 * @throws {Failure} `forbidden` for servers of other projects and deleted ones, `invalid`, `not-implemented`
 */
export function listFilter(context: RequestContext, query: ListQuery, rule: string): ListFilter {
  const word = (name: string) => (mayFilterBy(name, context) ? query[name]?.at(-1) : undefined);
  const unbuilt = NOT_BUILT.find((name) => word(name) !== undefined);
  if (unbuilt !== undefined)
    throw new Failure('not-implemented', `Filtering servers by '${unbuilt}' is not implemented.`);
  const states = statesWanted(context, query, word);
  const power = powerWanted(word('power_state'));
  if (states === 'nothing' || power === 'nothing') return 'nothing';
  return definedOnly({
    projectId: projectWanted(context, query, rule),
    ...states,
    powerState: power,
    name: word('name') ?? word('display_name'),
    ip: word('ip'),
    ip6: word('ip6'),
    flavorId: named(word('flavor') ?? word('instance_type_id')) as FlavorId | undefined,
    imageId: named(word('image') ?? word('image_ref')) as ServerFilter['imageId'],
    host: (word('host') ?? word('node')) as HostName | undefined,
    userId: word('user_id') as UserId | undefined,
    uuid: word('uuid') as ServerId | undefined,
    reservationId: word('reservation_id'),
    keyName: word('key_name'),
    availabilityZone: word('availability_zone'),
    configDrive: booleanWanted('config_drive', word('config_drive')),
    locked: booleanWanted('locked', word('locked')),
    tags: tagsWanted(word('tags')),
    tagsAny: tagsWanted(word('tags-any')),
    notTags: tagsWanted(word('not-tags')),
    notTagsAny: tagsWanted(word('not-tags-any')),
    changedSince: timeWanted(word('changes-since')),
    changedBefore: timeWanted(word('changes-before')),
  });
}

/** A link to a resource is accepted in place of its id, as in the creation of a server. */
function named(word: string | undefined): string | undefined {
  return word === undefined ? undefined : idInReference(word);
}

function mayFilterBy(name: string, { caller, version }: RequestContext): boolean {
  if (FOR_ALL.includes(name)) return true;
  const opened = FOR_ALL_SINCE.find(([, names]) => names.includes(name));
  if (opened !== undefined && version >= opened[0]) return true;
  return caller.isAdmin && !NEW_WORDS.includes(name);
}

/**
 * The project of the list: the caller's, unless an administrator asks for all. `project_id` counts only
 * together with `all_tenants` (nova servers.py _get_servers, bug 1185290).
 */
function projectWanted(
  { caller }: RequestContext,
  query: ListQuery,
  rule: string,
): ServerFilter['projectId'] {
  const all = query.all_tenants?.at(-1);
  if (all === undefined || !isTrue('all_tenants', all)) return caller.projectId ?? undefined;
  if (!caller.isAdmin) throw forbidden(`${rule}:get_all_tenants`);
  return (query.project_id?.at(-1) ?? query.tenant_id?.at(-1)) as ServerFilter['projectId'];
}

function statesWanted(
  { caller, version }: RequestContext,
  query: ListQuery,
  word: (name: string) => string | undefined,
): Pick<ServerFilter, 'vmStates' | 'taskStates' | 'deleted'> | 'nothing' {
  const vmState = word('vm_state');
  const taskState = word('task_state');
  const direct = {
    ...(vmState !== undefined && { vmStates: [vmState] }),
    ...(taskState !== undefined && { taskStates: [taskState === 'None' ? null : taskState] }),
  };
  const deleted = word('deleted') !== undefined ? isTrue('deleted', word('deleted') ?? '') : undefined;
  const statuses = query.status ?? [];
  if (statuses.length === 0) return { ...direct, ...(deleted !== undefined && { deleted }) };
  const vmStates = [...new Set(statuses.flatMap(vmStatesOfStatus))];
  if (vmStates.length === 0) {
    if (version >= 38) throw new Failure('invalid', 'Invalid status value');
    return 'nothing';
  }
  if (vmStates.every((state) => state === 'deleted')) {
    if (!caller.isAdmin) throw new Failure('forbidden', 'Only administrators may list deleted instances');
    return { vmStates, deleted: true };
  }
  const tasks = statuses.map(taskStatesOfStatus);
  const taskStates: TaskState[] | undefined = tasks.includes('any')
    ? undefined
    : [...new Set(tasks.flat() as TaskState[])];
  return { vmStates, ...(taskStates && { taskStates }), ...(deleted !== undefined && { deleted }) };
}

function powerWanted(word: string | undefined): string | 'nothing' | undefined {
  if (word === undefined) return undefined;
  const known = Object.entries(POWER_STATES).find(([name, code]) => word === String(code) || word === name);
  return known?.[0] ?? 'nothing';
}

/** @throws {Failure} `invalid` for more tags than a server can have */
function tagsWanted(word: string | undefined): string[] | undefined {
  const tags = word === undefined ? undefined : [...new Set(word.split(','))];
  if (tags !== undefined && tags.length > MAX_TAGS)
    throw new Failure('invalid', `A list can be narrowed by at most ${MAX_TAGS} tags at once.`);
  return tags;
}

function timeWanted(word: string | undefined): number | undefined {
  return word === undefined ? undefined : requestedTime(word);
}

function booleanWanted(name: string, word: string | undefined): boolean | undefined {
  return word === undefined ? undefined : isTrue(name, word);
}

/** An empty value counts as true, as in `?all_tenants`. */
function isTrue(name: string, word: string): boolean {
  const value = word === '' ? true : parseFlexibleBoolean(word);
  if (value === undefined)
    throw new Failure('invalid', `Invalid value '${word}' for ${name}: it is not a boolean.`);
  return value;
}

function definedOnly(filter: { [Key in keyof ServerFilter]?: ServerFilter[Key] | undefined }): ServerFilter {
  return Object.fromEntries(
    Object.entries(filter).filter(([, value]) => value !== undefined),
  ) as ServerFilter;
}
