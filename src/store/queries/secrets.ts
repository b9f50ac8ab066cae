import type { SecretQueries } from '../promise/identity.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

const propose = statement((dialect, row: { name: string; value: string }) =>
  dialect.db
    .insertInto('secrets')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doNothing()),
);

const find = statement((dialect, of: { name: string }) =>
  dialect.db.selectFrom('secrets').select('value').where('name', '=', of.name),
);

/** Queries of one session: secrets that the replicas share. */
export function secretQueries(session: Session): SecretQueries {
  return {
    agree: (name, proposed) =>
      session.transaction(async (tx) => {
        await propose(tx, { name, value: proposed });
        const [row] = await find(tx, { name });
        return row?.value ?? proposed;
      }),
    find: async (name) => (await find(session, { name }))[0]?.value,
  };
}
