import type { RestoredQueries } from '../promise/restored.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

/** The name of its row in the table of shared secrets. */
const NAME = 'restored-at';

const insert = statement((dialect, { value }: { value: string }) =>
  dialect.db
    .insertInto('secrets')
    .values({ name: NAME, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value })),
);

const find = statement((dialect) =>
  dialect.db.selectFrom('secrets').select('value').where('name', '=', NAME),
);

const remove = statement((dialect) =>
  dialect.db.deleteFrom('secrets').where('name', '=', NAME).returning('value'),
);

export function restoredQueries(session: Session): RestoredQueries {
  return {
    at: async () => (await find(session, {}))[0]?.value,
    set: (value) => session.transaction(async (tx) => void (await insert(tx, { value }))),
    confirm: () => session.transaction(async (tx) => (await remove(tx, {})).length > 0),
  };
}
