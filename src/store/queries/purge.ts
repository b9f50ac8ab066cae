import { type Compilable, type RawBuilder, sql } from 'kysely';
import type { PurgedTable, PurgePiece, PurgeQueries } from '../promise/purge.ts';
import type { Session, StoreDialect } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';
import { PURGE_RULES, type PurgeRule } from './purge-rules.ts';
import { retire } from './retired-ids.ts';

/** Rows searched by one query. The query must be short, because SQLite blocks the process while it runs. */
const PIECE = 200;

const compilable = ({ db }: StoreDialect, query: RawBuilder<unknown>): Compilable => ({
  compile: () => query.compile(db),
});

type Key = string | number;

interface Window {
  readonly last: Key | null;
  readonly first_created: number | null;
}
interface OfTable {
  readonly window: (session: Session, of: { after: Key; limit: number }) => Promise<Window[]>;
  readonly find: (session: Session, of: { before: number; after: Key; last: Key }) => Promise<Row[]>;
  readonly remove: (session: Session, of: { before: number; keys: readonly Key[] }) => Promise<Row[]>;
}
type Row = Readonly<Record<string, unknown>>;

const STATEMENTS = Object.fromEntries(
  Object.entries(PURGE_RULES).map(([table, rule]) => [table, statementsOf(table, rule)]),
) as Record<PurgedTable, OfTable>;

function statementsOf(name: string, { key, created = key, mayGo }: PurgeRule): OfTable {
  const table = sql.table(name);
  const keyed = sql.ref(`${name}.${key}`);
  return {
    window: statement((dialect, of: { after: Key; limit: number }) =>
      compilable(
        dialect,
        sql`select max(w.reached) as last, min(w.created) as first_created from (
          select ${keyed} as reached, ${sql.ref(`${name}.${created}`)} as created from ${table}
          where ${keyed} > ${of.after} order by ${keyed} limit ${of.limit}) as w`,
      ),
    ) as OfTable['window'],
    find: statement((dialect, of: { before: number; after: Key; last: Key }) =>
      compilable(
        dialect,
        sql`select * from ${table} where ${keyed} > ${of.after} and ${keyed} <= ${of.last}
          and (${mayGo(of.before)}) order by ${keyed}`,
      ),
    ) as OfTable['find'],
    remove: statement((dialect, of: { before: number; keys: readonly Key[] }) =>
      compilable(
        dialect,
        sql`delete from ${table} where ${keyed} in (${sql.join(of.keys)}) and (${mayGo(of.before)}) returning *`,
      ),
    ) as OfTable['remove'],
  };
}

const removeLogs = statement((dialect, of: { ids: readonly string[] }) =>
  dialect.db.deleteFrom('operation_log').where('operation_id', 'in', of.ids),
);
const removeLogsOfServers = statement((dialect, of: { ids: readonly string[] }) =>
  dialect.db
    .deleteFrom('operation_log')
    .where('operation_id', 'in', (eb) =>
      eb.selectFrom('operations').select('id').where('server_id', 'in', of.ids),
    ),
);
const removeTags = statement((dialect, of: { ids: readonly string[] }) =>
  dialect.db.deleteFrom('server_tags').where('server_id', 'in', of.ids),
);
/** Removes dependent rows of removed servers. Usually there are none, because earlier tables were purged. */
const LEFT_OF_SERVERS = (['operations', 'server_migrations', 'instance_actions'] as const).map((table) =>
  statement((dialect, of: { ids: readonly string[] }) =>
    dialect.db.deleteFrom(table).where('server_id', 'in', of.ids),
  ),
);

/** Queries of one session: the purge of old rows. */
export function purgeQueries(session: Session): PurgeQueries {
  return {
    piece: (of) => pieceOf(session, of),
    remove: (of) => session.lockingTransaction((tx) => remove(tx, of)),
  };
}

async function pieceOf(session: Session, of: Parameters<PurgeQueries['piece']>[0]): Promise<PurgePiece> {
  const { table, before } = of;
  const { key, created } = PURGE_RULES[table];
  const after = of.after ?? (created === undefined ? '' : 0);
  const [window] = await STATEMENTS[table].window(session, { after, limit: PIECE });
  const isOver = window?.last == null || (created !== undefined && (window.first_created ?? 0) >= before);
  if (isOver) return { rows: [], next: null };
  const last = window.last as Key;
  const rows = await STATEMENTS[table].find(session, { before, after, last });
  return { rows: rows.map((row) => ({ key: row[key] as Key, row })), next: last };
}

async function remove(
  session: Session,
  { table, before, keys }: Parameters<PurgeQueries['remove']>[0],
): Promise<number> {
  if (keys.length === 0) return 0;
  const removed = await STATEMENTS[table].remove(session, { before, keys });
  const ids = removed.map(({ id }) => String(id));
  if (ids.length > 0 && table === 'operations') await removeLogs(session, { ids });
  if (ids.length > 0 && table === 'servers') await removeRestOf(session, ids);
  return removed.length;
}

async function removeRestOf(session: Session, ids: readonly string[]): Promise<void> {
  await removeTags(session, { ids });
  await removeLogsOfServers(session, { ids });
  for (const left of LEFT_OF_SERVERS) await left(session, { ids });
  for (const id of ids) await retire(session, { kind: 'server', id, at: Date.now() });
}
