import type { ChoreQueries } from '../promise/purge.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

const take = statement((dialect, of: { name: string; owner: string; now: number; until: number }) =>
  dialect.db
    .insertInto('chores')
    .values({ name: of.name, owner: of.owner, until: of.until })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet((eb) => ({ owner: eb.ref('excluded.owner'), until: eb.ref('excluded.until') }))
        // A time past the one asked for was given by a clock that has been set back since.
        .where((eb) =>
          eb.or([eb('chores.until', '<=', of.now), eb('chores.until', '>', eb.ref('excluded.until'))]),
        ),
    )
    .returning('owner'),
);

/** Chores, asked of one session. */
export function choreQueries(session: Session): ChoreQueries {
  return {
    take: (chore) => session.lockingTransaction(async (tx) => (await take(tx, chore)).length > 0),
  };
}
