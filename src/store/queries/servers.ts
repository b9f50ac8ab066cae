import { batchLoader } from '../../async/batch-loader.ts';
import { Failure } from '../../model/failure.ts';
import type { HostName, ServerId } from '../../model/ids.ts';
import type { Server, ServerPatch } from '../../model/server.ts';
import type { HostUsage, ServerQueries, ServerVersion } from '../promise/servers.ts';
import { lockRows } from '../sql/lock-rows.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';
import { releaseIdentity } from './identity-claims.ts';
import { isRetired, unretire } from './retired-ids.ts';
import { listServerRows, listServerVersions } from './server-list.ts';
import { changedColumns, type NewServerRow, rowOfServer, type ServerRow, serverOfRow } from './server-row.ts';
import { recordUsage, type Sums, usageOf, usageOfEach } from './server-usage.ts';

const insert = statement((dialect, row: NewServerRow) =>
  dialect.db
    .insertInto('servers')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('number'),
);

const find = statement((dialect, of: { id: string }) =>
  lockRows(dialect, dialect.db.selectFrom('servers').selectAll().where('id', '=', of.id)),
);

const findMany = statement((dialect, of: { ids: readonly string[] }) =>
  dialect.db.selectFrom('servers').selectAll().where('id', 'in', of.ids),
);

const removeDeleted = statement((dialect, of: { id: string }) =>
  dialect.db.deleteFrom('servers').where('id', '=', of.id).where('deleted', '=', 1).returning('generation'),
);

interface Seen {
  readonly seenId: string;
  readonly seenGeneration: number;
}
const update = statement((dialect, { seenId, seenGeneration, ...columns }: Seen & Partial<NewServerRow>) =>
  dialect.db
    .updateTable('servers')
    .set(columns)
    .where('id', '=', seenId)
    .where('generation', '=', seenGeneration)
    .returning('number'),
);

const addTag = statement((dialect, row: { server_id: string; tag: string }) =>
  dialect.db
    .insertInto('server_tags')
    .values(row)
    .onConflict((conflict) => conflict.doNothing()),
);

const dropTags = statement((dialect, of: { id: string }) =>
  dialect.db.deleteFrom('server_tags').where('server_id', '=', of.id),
);

/** Below the limits of SQLite and PostgreSQL for values in one query (32,766 and 65,535). */
const IDS_AT_ONCE = 1_000;

/** Queries of one session: servers. */
export function serverQueries(session: Session): ServerQueries {
  const findBatched = session.isRemote
    ? batchLoader((ids: readonly ServerId[]) => findById(session, ids))
    : undefined;
  return {
    insert: (server) => session.lockingTransaction((tx) => insertServer(tx, server)),
    revive: (id) => session.lockingTransaction((tx) => revive(tx, id)),
    async find(id) {
      const row = findBatched ? await findBatched(id) : (await find(session, { id }))[0];
      return row && serverOfRow(row);
    },
    findMany: (ids) => findServers(session, ids),
    update: (seen, patch) => session.lockingTransaction((tx) => updateServer(tx, seen, patch)),
    async list(filter, page) {
      return (await listServerRows(session, filter, page)).map(serverOfRow);
    },
    listVersions: (filter, page) => listServerVersions(session, filter, page),
    async usageOf(projectId) {
      const { instances, cores, ram_mb } = await usageOf(session, 'project', projectId);
      return { instances, cores, ramMb: ram_mb };
    },
    async usageOfHost(host) {
      return hostUsageOf(await usageOf(session, 'host', host));
    },
    async usageOfHosts() {
      const all = await usageOfEach(session, 'host');
      return new Map(all.map((sums) => [sums.holder as HostName, hostUsageOf(sums)]));
    },
  };
}

function hostUsageOf({ instances, cores, ram_mb, disk_gb }: Sums): HostUsage {
  return { instances, cores, ramMb: ram_mb, diskGb: disk_gb };
}

async function insertServer(session: Session, server: Omit<Server, 'number'>): Promise<Server> {
  const retired = await isRetired(session, { kind: 'server', id: server.id });
  const [inserted] = retired ? [] : await insert(session, rowOfServer(server));
  if (inserted === undefined) throw new Failure('conflict', `Instance ${server.id} exists already.`);
  await setTags(session, server.id, { before: [], after: server.tags });
  await recordUsage(session, undefined, server);
  return { ...server, number: inserted.number };
}

async function revive(session: Session, id: ServerId): Promise<number | null | undefined> {
  const [found] = await find(session, { id });
  if (found === undefined) return (await unretire(session, { kind: 'server', id })) ? null : undefined;
  const [removed] = await removeDeleted(session, { id });
  if (removed === undefined) throw new Failure('conflict', `Instance ${id} exists already.`);
  await dropTags(session, { id });
  return removed.generation;
}

/** Pads the list of ids to the next power of two, so that the query has few forms. */
async function findById(session: Session, ids: readonly ServerId[]): Promise<Map<ServerId, ServerRow>> {
  const length = 2 ** Math.ceil(Math.log2(ids.length));
  const filled = Array.from({ length }, (_, at) => ids[Math.min(at, ids.length - 1)] as ServerId);
  const rows = await findMany(session, { ids: filled });
  return new Map(rows.map((row) => [row.id as ServerId, row]));
}

async function findServers(session: Session, ids: readonly ServerId[]): Promise<Server[]> {
  const rows: ServerRow[] = [];
  for (let at = 0; at < ids.length; at += IDS_AT_ONCE)
    rows.push(...(await findMany(session, { ids: ids.slice(at, at + IDS_AT_ONCE) })));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    return row === undefined ? [] : [serverOfRow(row)];
  });
}

/** What was seen need not be read again: only the row of the same generation is written. */
async function updateServer(session: Session, seen: Server, patch: ServerPatch): Promise<Server> {
  const after: Server = { ...seen, ...patch, generation: seen.generation + 1 };
  const [written] = await update(session, {
    seenId: seen.id,
    seenGeneration: seen.generation,
    ...changedColumns(seen, after),
  });
  if (written === undefined) throw await changedMeanwhile(session, seen);
  await setTags(session, seen.id, { before: seen.tags, after: after.tags });
  if (after.vmState === 'deleted' && seen.given !== null) await releaseIdentity(session, seen.id);
  await recordUsage(session, seen, after);
  return after;
}

async function changedMeanwhile(session: Session, { id, generation }: ServerVersion): Promise<Failure> {
  const [stored] = await find(session, { id });
  if (stored === undefined) return new Failure('not-found', `Instance ${id} could not be found.`);
  return new Failure('conflict', `Instance ${id} was changed by another request. Try again.`, {
    operatorText: `Instance ${id} is of generation ${stored.generation}, not ${generation}.`,
  });
}

async function setTags(
  session: Session,
  id: ServerId,
  { before, after }: { before: readonly string[]; after: readonly string[] },
): Promise<void> {
  if (before.length === after.length && before.every((tag, at) => tag === after[at])) return;
  if (before.length > 0) await dropTags(session, { id });
  for (const tag of after) await addTag(session, { server_id: id, tag });
}
