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
        // Ignores a stored time later than the new one: it comes from a clock that has since been set back.
        .where((eb) =>
          eb.or([eb('chores.until', '<=', of.now), eb('chores.until', '>', eb.ref('excluded.until'))]),
        ),
    )
    .returning('owner'),
);

/** Queries of one session: chores. */
export function choreQueries(session: Session): ChoreQueries {
  return {
    take: (chore) => session.lockingTransaction(async (tx) => (await take(tx, chore)).length > 0),
  };
}
