import type { Selectable } from 'kysely';
import type { HostName, ProjectId, ServerId, UserId } from '../../model/ids.ts';
import {
  POWER_STATES,
  type PowerState,
  type Server,
  type TaskState,
  type VmState,
} from '../../model/server.ts';
import type { ServersTable } from '../sql/schema.ts';

export type ServerRow = Selectable<ServersTable>;
/** A row without its generated number. */
export type NewServerRow = Omit<ServerRow, 'number'>;

const POWER_STATE_NAMES = new Map(
  Object.entries(POWER_STATES).map(([name, code]) => [code as number, name as PowerState]),
);

/**
 * The fields of a server that no query filters or sorts by. Flavor and image are complete here; their ids
 * have columns too.
 */
const BODY_FIELDS = [
  'projectName',
  'userName',
  'flavor',
  'oldFlavor',
  'destHost',
  'destFlavor',
  'resizeTo',
  'image',
  'diskSet',
  'oldDiskSet',
  'oldVmState',
  'machine',
  'machineTimes',
  'reads',
  'onlyPorts',
  'given',
  'metadata',
  'tags',
  'keyPublic',
  'keyType',
  'userData',
  'files',
  'accessIPv4',
  'accessIPv6',
  'diskConfig',
  'locked',
  'lockedReason',
  'fault',
] as const satisfies readonly (keyof Server)[];
type Body = Pick<Server, (typeof BODY_FIELDS)[number]>;

/** Values of fields that rows of earlier releases do not have. */
const ADDED_LATER: Pick<
  Body,
  | 'destHost'
  | 'destFlavor'
  | 'resizeTo'
  | 'machine'
  | 'machineTimes'
  | 'reads'
  | 'onlyPorts'
  | 'given'
  | 'accessIPv4'
  | 'accessIPv6'
  | 'diskConfig'
> = {
  destHost: null,
  destFlavor: null,
  resizeTo: null,
  machine: null,
  machineTimes: null,
  reads: null,
  onlyPorts: false,
  given: null,
  accessIPv4: null,
  accessIPv6: null,
  diskConfig: 'MANUAL',
};

/** Converts a server to a row. */
export function rowOfServer(server: Omit<Server, 'number'>): NewServerRow {
  return { ...columnsOf(server), body: bodyOf(server) };
}

function columnsOf(server: Omit<Server, 'number'>): Omit<NewServerRow, 'body'> {
  return {
    id: server.id,
    generation: server.generation,
    deleted: server.vmState === 'deleted' ? 1 : 0,
    project_id: server.projectId,
    user_id: server.userId,
    name: server.name,
    hostname: server.hostname,
    description: server.description,
    vm_state: server.vmState,
    task_state: server.taskState,
    power_state: POWER_STATES[server.powerState],
    host: server.host,
    old_host: server.oldHost,
    group_id: server.groupId,
    availability_zone: server.availabilityZone,
    flavor_id: server.flavor.id,
    image_id: server.image.id,
    key_name: server.keyName,
    config_drive: server.configDrive ? 1 : 0,
    locked: server.locked === null ? 0 : 1,
    reservation_id: server.reservationId,
    launch_index: server.launchIndex,
    progress: server.progress,
    created_at: server.createdAt,
    updated_at: server.updatedAt,
    launched_at: server.launchedAt,
    terminated_at: server.terminatedAt,
  };
}

function bodyOf(server: Omit<Server, 'number'>): string {
  return JSON.stringify(Object.fromEntries(BODY_FIELDS.map((field) => [field, server[field]])));
}

/** Converts a row to a server. */
export function serverOfRow(row: ServerRow): Server {
  return {
    ...ADDED_LATER,
    ...(JSON.parse(row.body) as Body),
    id: row.id as ServerId,
    generation: row.generation,
    number: row.number,
    name: row.name,
    hostname: row.hostname,
    description: row.description,
    projectId: row.project_id as ProjectId,
    userId: row.user_id as UserId,
    vmState: row.vm_state as VmState,
    taskState: row.task_state as TaskState,
    powerState: POWER_STATE_NAMES.get(row.power_state) ?? 'nostate',
    host: row.host as HostName | null,
    oldHost: row.old_host as HostName | null,
    groupId: row.group_id,
    availabilityZone: row.availability_zone,
    keyName: row.key_name,
    configDrive: row.config_drive === 1,
    reservationId: row.reservation_id,
    launchIndex: row.launch_index,
    progress: row.progress,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    launchedAt: row.launched_at,
    terminatedAt: row.terminated_at,
  };
}

/** The columns in which a server's row differs from the one that it had. */
export function changedColumns(before: Server, after: Server): Partial<NewServerRow> {
  const had: Readonly<Record<string, unknown>> = columnsOf(before);
  const changed: Partial<NewServerRow> = Object.fromEntries(
    Object.entries(columnsOf(after)).filter(([column, value]) => had[column] !== value),
  );
  const sameBody = BODY_FIELDS.every((field) => before[field] === after[field]);
  return sameBody ? changed : { ...changed, body: bodyOf(after) };
}
