import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { ServerId } from '../../model/ids.ts';
import { POWER_STATES } from '../../model/server.ts';
import type { Page } from '../promise/page.ts';
import type { ServerFilter, ServerVersion } from '../promise/servers.ts';
import { requirePattern } from '../sql/name-pattern.ts';
import { type PageArguments, type PageForm, pageOf, planPage, type SortColumn } from '../sql/paging.ts';
import type { Schema } from '../sql/schema.ts';
import type { Session, StoreDialect } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';
import type { ServerRow } from './server-row.ts';

type Column = Exclude<keyof ServerRow, 'body'>;

const never = (column: Column): SortColumn<Column> => ({ column, nullable: false });
const maybe = (column: Column): SortColumn<Column> => ({ column, nullable: true });

/**
 * The sort keys of Nova that this store supports (nova/api/openstack/compute/schemas/servers.py
 * VALID_SORT_KEYS).
 */
const SORT_KEYS: Readonly<Record<string, SortColumn<Column>>> = {
  availability_zone: maybe('availability_zone'),
  config_drive: never('config_drive'),
  created_at: never('created_at'),
  display_description: maybe('description'),
  display_name: never('name'),
  host: maybe('host'),
  hostname: never('hostname'),
  image_ref: never('image_id'),
  instance_type_id: never('flavor_id'),
  key_name: maybe('key_name'),
  launch_index: never('launch_index'),
  launched_at: maybe('launched_at'),
  locked: never('locked'),
  node: maybe('host'),
  power_state: never('power_state'),
  progress: never('progress'),
  project_id: never('project_id'),
  task_state: maybe('task_state'),
  terminated_at: maybe('terminated_at'),
  updated_at: never('updated_at'),
  user_id: never('user_id'),
  uuid: never('id'),
  vm_state: never('vm_state'),
};
const ORDER = {
  keys: SORT_KEYS,
  usual: [{ ...never('created_at'), direction: 'desc' }],
  last: 'number',
} as const;

/** The values of the filter; undefined for a filter that is not given. */
interface Arguments extends PageArguments {
  projectId: string | undefined;
  userId: string | undefined;
  name: string | undefined;
  vmStates: readonly string[] | undefined;
  taskStates: readonly string[] | undefined;
  powerState: number | undefined;
  host: string | undefined;
  flavorId: string | undefined;
  imageId: string | undefined;
  uuid: string | undefined;
  reservationId: string | undefined;
  keyName: string | undefined;
  availabilityZone: string | undefined;
  configDrive: number | undefined;
  locked: number | undefined;
  tags: readonly string[] | undefined;
  tagsAny: readonly string[] | undefined;
  notTags: readonly string[] | undefined;
  notTagsAny: readonly string[] | undefined;
  changedSince: number | undefined;
  changedBefore: number | undefined;
  deleted: number | undefined;
  ip: string | undefined;
  ip6: string | undefined;
}

interface Form extends PageForm<Column> {
  /** Whether servers without a task state match. */
  readonly idle: boolean;
}

const pageOfRows = statement((dialect, args: Arguments, form: Form) =>
  selection(dialect, args, form).selectAll('servers'),
);

const pageOfVersions = statement((dialect, args: Arguments, form: Form) =>
  selection(dialect, args, form).select(['servers.id', 'servers.generation']),
);

interface MarkerArguments {
  readonly id: string;
  readonly projectId: string | undefined;
  readonly deleted: number | undefined;
}
const markerRow = statement((dialect, { id, projectId, deleted }: MarkerArguments) => {
  let query = dialect.db.selectFrom('servers').selectAll().where('id', '=', id);
  if (projectId !== undefined) query = query.where('project_id', '=', projectId);
  if (deleted !== undefined) query = query.where('deleted', '=', deleted);
  return query;
});

/** @throws {Failure} `invalid` on an unknown marker or sort key */
export async function listServerRows(
  session: Session,
  filter: ServerFilter,
  page: Page,
): Promise<ServerRow[]> {
  const { args, form } = await plan(session, filter, page);
  return pageOfRows(session, args, form);
}

/** @throws {Failure} `invalid` on an unknown marker or sort key */
export async function listServerVersions(
  session: Session,
  filter: ServerFilter,
  page: Page,
): Promise<ServerVersion[]> {
  const { args, form } = await plan(session, filter, page);
  const rows = await pageOfVersions(session, args, form);
  return rows.map(({ id, generation }) => ({ id: id as ServerId, generation }));
}

/** Regular expressions among the filters. */
const PATTERNS = ['name', 'ip', 'ip6'] as const;

async function plan(session: Session, filter: ServerFilter, page: Page) {
  for (const name of PATTERNS) {
    const pattern = filter[name];
    if (pattern !== undefined) requirePattern(name, pattern);
  }
  const args = argumentsOf(filter);
  const { projectId } = args;
  const deleted = page.refuseDeletedMarker === true ? args.deleted : undefined;
  const { at, form } = await planPage<Column>(page, ORDER, (id) =>
    markerRow(session, { id, projectId, deleted }),
  );
  const [name, ip, ip6] = PATTERNS.map((each) => {
    const pattern = filter[each];
    return pattern === undefined ? undefined : session.dialect.pattern(pattern);
  });
  return {
    args: { ...at, ...args, name, ip, ip6 },
    form: { ...form, idle: filter.taskStates?.includes(null) ?? false },
  };
}

function argumentsOf(filter: ServerFilter): Omit<Arguments, 'limit' | 'after' | (typeof PATTERNS)[number]> {
  return {
    projectId: filter.projectId,
    userId: filter.userId,
    vmStates: filter.vmStates,
    taskStates: filter.taskStates?.filter((state) => state !== null),
    powerState: filter.powerState === undefined ? undefined : powerStateCode(filter.powerState),
    host: filter.host,
    flavorId: filter.flavorId,
    imageId: filter.imageId,
    uuid: filter.uuid,
    reservationId: filter.reservationId,
    keyName: filter.keyName,
    availabilityZone: filter.availabilityZone,
    configDrive: flag(filter.configDrive),
    locked: flag(filter.locked),
    tags: filter.tags,
    tagsAny: filter.tagsAny,
    notTags: filter.notTags,
    notTagsAny: filter.notTagsAny,
    changedSince: filter.changedSince,
    changedBefore: filter.changedBefore,
    deleted:
      filter.deleted === undefined && filter.changedSince !== undefined
        ? undefined
        : flag(filter.deleted ?? false),
  };
}

function flag(value: boolean | undefined): number | undefined {
  if (value === undefined) return undefined;
  return value ? 1 : 0;
}

/** The code of a power state; -1, which matches no server, for an unknown word. */
function powerStateCode(word: string): number {
  return Object.hasOwn(POWER_STATES, word) ? POWER_STATES[word as keyof typeof POWER_STATES] : -1;
}

type Builder = ExpressionBuilder<Schema, 'servers'>;

/** Columns that must be equal to the filter value of the same meaning. */
const EQUAL = [
  ['project_id', 'projectId'],
  ['deleted', 'deleted'],
  ['user_id', 'userId'],
  ['power_state', 'powerState'],
  ['host', 'host'],
  ['flavor_id', 'flavorId'],
  ['image_id', 'imageId'],
  ['id', 'uuid'],
  ['reservation_id', 'reservationId'],
  ['key_name', 'keyName'],
  ['availability_zone', 'availabilityZone'],
  ['config_drive', 'configDrive'],
  ['locked', 'locked'],
] as const satisfies readonly (readonly [Column, keyof Arguments])[];

function selection(dialect: StoreDialect, args: Arguments, form: Form) {
  let query = dialect.db
    .selectFrom('servers')
    .where((eb) =>
      eb.and([...equalities(eb, args), ...ranges(eb, args), ...states(eb, args, form), ...tagged(eb, args)]),
    );
  const { name } = args;
  if (name !== undefined) query = query.where(dialect.matches(sql.ref('servers.name'), name));
  if (args.ip !== undefined || args.ip6 !== undefined)
    query = query.where((eb) => eb.or(addressed(eb, dialect, args)));
  return pageOf(query, 'servers', { at: args, form });
}

/** An address of a port matches; with both patterns, one is enough (nova/compute/api.py API._ip_filter). */
function addressed(
  eb: Builder,
  dialect: StoreDialect,
  { ip, ip6 }: Pick<Arguments, 'ip' | 'ip6'>,
): Expression<SqlBool>[] {
  const has = (pattern: string, form: 'like' | 'not like') =>
    eb.exists(
      eb
        .selectFrom('port_addresses')
        .innerJoin('ports', 'ports.id', 'port_addresses.port_id')
        .select('port_addresses.port_id')
        .whereRef('ports.device_id', '=', 'servers.id')
        .where('ports.place', 'is not', null)
        .where('port_addresses.address', form, '%:%')
        .where(dialect.matches(sql.ref('port_addresses.address'), pattern)),
    );
  return [
    ...(ip === undefined ? [] : [has(ip, 'not like')]),
    ...(ip6 === undefined ? [] : [has(ip6, 'like')]),
  ];
}

function equalities(eb: Builder, args: Arguments): Expression<SqlBool>[] {
  return EQUAL.flatMap(([column, name]) => {
    const value = args[name];
    return value === undefined ? [] : [eb(`servers.${column}`, '=', value)];
  });
}

function ranges(eb: Builder, { changedSince, changedBefore }: Arguments): Expression<SqlBool>[] {
  return [
    ...(changedSince === undefined ? [] : [eb('servers.updated_at', '>=', changedSince)]),
    ...(changedBefore === undefined ? [] : [eb('servers.updated_at', '<=', changedBefore)]),
  ];
}

function states(eb: Builder, { vmStates, taskStates }: Arguments, form: Form): Expression<SqlBool>[] {
  const found: Expression<SqlBool>[] = [];
  if (vmStates !== undefined) found.push(among(eb, 'servers.vm_state', vmStates));
  if (taskStates !== undefined) {
    const busy = among(eb, 'servers.task_state', taskStates);
    found.push(form.idle ? eb.or([busy, eb('servers.task_state', 'is', null)]) : busy);
  }
  return found;
}

function among(
  eb: Builder,
  column: 'servers.vm_state' | 'servers.task_state',
  values: readonly string[],
): Expression<SqlBool> {
  return values.length === 0 ? eb.lit(false) : eb(column, 'in', values);
}

/** Tag filters: all, any, not all, not any (https://docs.openstack.org/api-ref/compute/#list-servers). */
function tagged(eb: Builder, args: Arguments): Expression<SqlBool>[] {
  const has = (tag: string) =>
    eb.exists(
      eb
        .selectFrom('server_tags')
        .select('server_tags.tag')
        .whereRef('server_tags.server_id', '=', 'servers.id')
        .where('server_tags.tag', '=', tag),
    );
  return [
    ...(args.tags === undefined ? [] : [eb.and(args.tags.map(has))]),
    ...(args.tagsAny === undefined ? [] : [eb.or(args.tagsAny.map(has))]),
    ...(args.notTags === undefined ? [] : [eb.not(eb.and(args.notTags.map(has)))]),
    ...(args.notTagsAny === undefined ? [] : [eb.not(eb.or(args.notTagsAny.map(has)))]),
  ];
}
