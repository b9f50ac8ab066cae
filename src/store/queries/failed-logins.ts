import type { UserId } from '../../model/ids.ts';
import type { FailedLoginQueries } from '../promise/identity.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

const of = statement((dialect, { user }: { user: string }) =>
  dialect.db.selectFrom('failed_logins').select(['count', 'last_at']).where('user_id', '=', user),
);

const add = statement((dialect, row: { user_id: string; count: number; last_at: number }) =>
  dialect.db
    .insertInto('failed_logins')
    .values(row)
    .onConflict((conflict) =>
      conflict.column('user_id').doUpdateSet((eb) => ({
        count: eb('failed_logins.count', '+', eb.ref('excluded.count')),
        last_at: eb.ref('excluded.last_at'),
      })),
    ),
);

const clear = statement((dialect, { user }: { user: string }) =>
  dialect.db.deleteFrom('failed_logins').where('user_id', '=', user),
);

/** Queries of one session: wrong passwords by user. */
export function failedLoginQueries(session: Session): FailedLoginQueries {
  return {
    async of(user: UserId) {
      const [row] = await of(session, { user });
      return row && { count: row.count, lastAt: row.last_at };
    },
    add: (user, at) =>
      session.transaction(async (tx) => void (await add(tx, { user_id: user, count: 1, last_at: at }))),
    clear: (user) => session.transaction(async (tx) => void (await clear(tx, { user }))),
  };
}
