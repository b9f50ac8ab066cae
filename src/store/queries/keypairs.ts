import type { Insertable, Selectable } from 'kysely';
import { Failure } from '../../model/failure.ts';
import type { Keypair } from '../../model/identity.ts';
import type { UserId } from '../../model/ids.ts';
import type { KeypairQueries } from '../promise/identity.ts';
import { markerNotFound } from '../sql/paging.ts';
import type { KeypairsTable } from '../sql/schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

const insert = statement((dialect, row: Insertable<KeypairsTable>) =>
  dialect.db
    .insertInto('keypairs')
    .values(row)
    .onConflict((conflict) => conflict.columns(['user_id', 'name']).doNothing())
    .returning('number'),
);

const find = statement((dialect, of: { user: string; name: string }) =>
  dialect.db.selectFrom('keypairs').selectAll().where('user_id', '=', of.user).where('name', '=', of.name),
);

/** Sorted by name, as in Nova (nova/objects/keypair.py _get_from_db). */
const list = statement((dialect, of: { user: string; after: string | undefined; limit: number }) => {
  const query = dialect.db.selectFrom('keypairs').selectAll().where('user_id', '=', of.user);
  const rest = of.after === undefined ? query : query.where('name', '>', of.after);
  return rest.orderBy('name').limit(of.limit);
});

const count = statement((dialect, of: { user: string }) =>
  dialect.db
    .selectFrom('keypairs')
    .select((eb) => eb.fn.countAll<number>().as('keypairs'))
    .where('user_id', '=', of.user),
);

const remove = statement((dialect, of: { user: string; name: string }) =>
  dialect.db
    .deleteFrom('keypairs')
    .where('user_id', '=', of.user)
    .where('name', '=', of.name)
    .returning('number'),
);

/** Queries of one session: keypairs. */
export function keypairQueries(session: Session): KeypairQueries {
  return {
    insert: (keypair) =>
      session.transaction(async (tx) => {
        const [inserted] = await insert(tx, rowOf(keypair));
        if (inserted === undefined)
          throw new Failure('conflict', `Key pair '${keypair.name}' already exists.`);
        return { ...keypair, number: inserted.number };
      }),
    async find(user, name) {
      const [row] = await find(session, { user, name });
      return row && keypairOf(row);
    },
    async list(user, { limit, marker }) {
      if (marker !== undefined && (await find(session, { user, name: marker })).length === 0)
        throw markerNotFound(marker);
      return (await list(session, { user, after: marker, limit })).map(keypairOf);
    },
    async count(user) {
      const [row] = await count(session, { user });
      return Number(row?.keypairs ?? 0);
    },
    delete: (user, name) => session.transaction(async (tx) => (await remove(tx, { user, name })).length > 0),
  };
}

function rowOf(keypair: Omit<Keypair, 'number'>): Insertable<KeypairsTable> {
  const { userId, name, type, publicKey, fingerprint, createdAt } = keypair;
  return { user_id: userId, name, type, public_key: publicKey, fingerprint, created_at: createdAt };
}

function keypairOf(row: Selectable<KeypairsTable>): Keypair {
  return {
    userId: row.user_id as UserId,
    name: row.name,
    type: row.type as Keypair['type'],
    publicKey: row.public_key,
    fingerprint: row.fingerprint,
    number: row.number,
    createdAt: row.created_at,
  };
}
