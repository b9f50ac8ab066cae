import type { Insertable, Selectable } from 'kysely';
import type { HostName, OperationId, ServerId } from '../model/ids.ts';
import type { SerialRecord } from '../model/serial.ts';
import type { SerialQueries } from './promise/operations.ts';
import type { SerialRecordsTable } from './schema.ts';
import type { Session } from './session.ts';
import { statement } from './statement.ts';

const add = statement((dialect, row: Insertable<SerialRecordsTable>) =>
  dialect.db.insertInto('serial_records').values(row),
);

const ofServer = statement((dialect, of: { server: string }) =>
  dialect.db.selectFrom('serial_records').selectAll().where('server_id', '=', of.server).orderBy('number'),
);

const list = statement((dialect, { after, limit }: { after: number; limit: number }) =>
  dialect.db
    .selectFrom('serial_records')
    .selectAll()
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit),
);

/** The ledger of serials, asked of one session. Nothing here changes a record or takes it away. */
export function serialQueries(session: Session): SerialQueries {
  return {
    add: (record) => session.atomically(async (tx) => void (await add(tx, rowOf(record)))),
    async of(server) {
      return (await ofServer(session, { server })).map(recordOf);
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
    operation_id: record.operationId,
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
    operationId: row.operation_id as OperationId,
    operation: row.operation,
    effect: row.effect as SerialRecord['effect'],
    at: row.at,
  };
}
