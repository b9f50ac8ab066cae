import { type Insertable, type Selectable, sql } from 'kysely';
import type { HostName, OperationId, ServerId } from '../../model/ids.ts';
import type { SerialRecord } from '../../model/serial.ts';
import type { SerialQueries } from '../promise/serials.ts';
import type { SerialRecordsTable } from '../sql/schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

/** Stands for null in the column, which is not nullable. */
const NO_OPERATION = '';

const add = statement((dialect, row: Insertable<SerialRecordsTable>) =>
  dialect.db.insertInto('serial_records').values(row),
);

const ofServer = statement((dialect, of: { server: string }) =>
  dialect.db.selectFrom('serial_records').selectAll().where('server_id', '=', of.server).orderBy('number'),
);

const lastOf = statement((dialect, { servers }: { servers: readonly string[] }) =>
  dialect.db
    .selectFrom('serial_records')
    .selectAll()
    .where('number', 'in', (eb) =>
      eb
        .selectFrom('serial_records')
        .select((of) => of.fn.max('number').as('number'))
        .where('server_id', 'in', servers)
        .groupBy('server_id')
        .groupBy(sql`case when effect = 'booted' then 1 else 0 end`),
    )
    .orderBy('number'),
);

const list = statement((dialect, { after, limit }: { after: number; limit: number }) =>
  dialect.db
    .selectFrom('serial_records')
    .selectAll()
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit),
);

/** Ids in one query, to keep it short and the number of its forms small. */
const IDS_AT_ONCE = 100;

/** Queries of one session: the ledger of serials. They never change or remove a record. */
export function serialQueries(session: Session): SerialQueries {
  return {
    add: (record) => session.transaction(async (tx) => void (await add(tx, rowOf(record)))),
    async of(server) {
      return (await ofServer(session, { server })).map(recordOf);
    },
    async standingsOf(servers) {
      const records: SerialRecord[] = [];
      for (let at = 0; at < servers.length; at += IDS_AT_ONCE)
        records.push(
          ...(await lastOf(session, { servers: servers.slice(at, at + IDS_AT_ONCE) })).map(recordOf),
        );
      const byServer = Map.groupBy(records, ({ serverId }) => serverId);
      return new Map(
        Array.from(byServer, ([id, of]) => [
          id,
          { current: of.find(({ effect }) => effect === 'booted') ?? null, last: of.at(-1) ?? null },
        ]),
      );
    },
    async list(piece) {
      return (await list(session, piece)).map((row) => ({ number: row.number, record: recordOf(row) }));
    },
  };
}

function rowOf(record: SerialRecord): Insertable<SerialRecordsTable> {
  return {
    server_id: record.serverId,
    serial: record.serial,
    source: record.source,
    because: JSON.stringify(record.because),
    overruled: JSON.stringify(record.overruled),
    host: record.host,
    operation_id: record.operationId ?? NO_OPERATION,
    operation: record.operation,
    effect: record.effect,
    at: record.at,
  };
}

function recordOf(row: Selectable<SerialRecordsTable>): SerialRecord {
  return {
    serverId: row.server_id as ServerId,
    serial: row.serial,
    source: row.source as SerialRecord['source'],
    because: JSON.parse(row.because) as SerialRecord['because'],
    overruled: JSON.parse(row.overruled) as SerialRecord['overruled'],
    host: row.host as HostName,
    operationId: row.operation_id === NO_OPERATION ? null : (row.operation_id as OperationId),
    operation: row.operation,
    effect: row.effect as SerialRecord['effect'],
    at: row.at,
  };
}
