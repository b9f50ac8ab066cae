import type { RetiredId, RetiredIdQueries } from '../promise/retired-ids.ts';
import type { RetiredIdsTable } from '../sql/schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

const find = statement((dialect, of: { kind: RetiredId['kind']; id: string }) =>
  dialect.db.selectFrom('retired_ids').select('id').where('kind', '=', of.kind).where('id', '=', of.id),
);

const findMany = statement((dialect, of: { kind: RetiredId['kind']; ids: readonly string[] }) =>
  dialect.db.selectFrom('retired_ids').select('id').where('kind', '=', of.kind).where('id', 'in', of.ids),
);

const add = statement((dialect, row: RetiredIdsTable) =>
  dialect.db
    .insertInto('retired_ids')
    .values(row)
    .onConflict((conflict) => conflict.doNothing()),
);

const drop = statement((dialect, of: { kind: RetiredId['kind']; id: string }) =>
  dialect.db.deleteFrom('retired_ids').where('kind', '=', of.kind).where('id', '=', of.id).returning('id'),
);

/** Below the limits of SQLite and PostgreSQL for values in one query. */
const IDS_AT_ONCE = 1_000;

/** Queries of one session: ids that must not be used again. */
export function retiredIdQueries(session: Session): RetiredIdQueries {
  return {
    has: (of) => isRetired(session, of),
    async among(kind, ids) {
      const retired = new Set<string>();
      for (let at = 0; at < ids.length; at += IDS_AT_ONCE)
        for (const { id } of await findMany(session, { kind, ids: ids.slice(at, at + IDS_AT_ONCE) }))
          retired.add(id);
      return retired;
    },
  };
}

export async function isRetired(session: Session, { kind, id }: RetiredId): Promise<boolean> {
  return (await find(session, { kind, id })).length > 0;
}

/** Retires an id for ever, in the transaction that deletes the resource. */
export async function retire(session: Session, row: RetiredIdsTable): Promise<void> {
  await add(session, row);
}

/** Makes an id usable again. @returns whether it was retired */
export async function unretire(session: Session, of: RetiredId): Promise<boolean> {
  return (await drop(session, of)).length > 0;
}
