import { Failure } from '../../model/failure.ts';
import type { NounQueries } from '../promise/identity.ts';
import type { IdentityTable } from '../sql/schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

type Table = 'domains' | 'projects' | 'users' | 'roles';

/** Types a query for one of the four tables, which all have the columns of `users`. */
const like = (table: Table) => table as 'users';

const insert = statement((dialect, row: IdentityTable, table: Table) =>
  dialect.db
    .insertInto(like(table))
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id'),
);

interface Arguments {
  id: string | undefined;
  name: string | undefined;
  domainId: string | undefined;
  enabled: number | undefined;
}
const list = statement((dialect, { id, name, domainId, enabled }: Arguments, table: Table) => {
  let query = dialect.db.selectFrom(like(table)).selectAll();
  if (id !== undefined) query = query.where('id', '=', id);
  if (name !== undefined) query = query.where('name', '=', name);
  if (domainId !== undefined) query = query.where('domain_id', '=', domainId);
  if (enabled !== undefined) query = query.where('enabled', '=', enabled);
  return query.orderBy('name').orderBy('id');
});

const update = statement((dialect, { id, ...columns }: IdentityTable, table: Table) =>
  dialect.db.updateTable(like(table)).set(columns).where('id', '=', id),
);

const remove = statement((dialect, of: { id: string }, table: Table) =>
  dialect.db.deleteFrom(like(table)).where('id', '=', of.id).returning('id'),
);

const removeRolesOf = statement((dialect, of: { domain: string }) =>
  dialect.db.deleteFrom('roles').where('domain_id', '=', of.domain),
);

/** The common fields of domains, projects, users and roles. */
interface Noun {
  readonly id: string;
  readonly name: string;
  readonly domainId?: string | null;
  readonly enabled?: boolean;
}
type Filter = Partial<Omit<Noun, 'id'>>;

const ANY: Arguments = { id: undefined, name: undefined, domainId: undefined, enabled: undefined };

/** Queries of one session: one kind of Identity resource. The database deletes dependent rows. */
export function nounQueries<T extends Noun, F extends Filter>(
  session: Session,
  table: Table,
): NounQueries<T, F> {
  const find = async (from: Session, id: string) => {
    const [row] = await list(from, { ...ANY, id }, table);
    return row && (JSON.parse(row.body) as T);
  };
  return {
    insert: (noun) =>
      session.transaction(async (tx) => {
        const [inserted] = await insert(tx, rowOf(noun), table);
        if (inserted === undefined) throw taken(table, noun);
      }),
    find: (id) => find(session, id),
    async list(filter) {
      return (await list(session, argumentsOf(filter), table)).map((row) => JSON.parse(row.body) as T);
    },
    update: (id, patch) =>
      session.transaction(async (tx) => {
        const before = await find(tx, id);
        if (before === undefined) return undefined;
        const after: T = { ...before, ...patch };
        const row = rowOf(after);
        const named = await list(tx, { ...ANY, name: row.name, domainId: row.domain_id }, table);
        if (named.some((other) => other.id !== id)) throw taken(table, after);
        await update(tx, row, table);
        return after;
      }),
    delete: (id) =>
      session.transaction(async (tx) => {
        if (table === 'domains') await removeRolesOf(tx, { domain: id });
        return (await remove(tx, { id }, table)).length > 0;
      }),
  };
}

function argumentsOf({ name, domainId, enabled }: Filter): Arguments {
  return {
    id: undefined,
    name,
    domainId: domainId === null ? '' : domainId,
    enabled: enabled === undefined ? undefined : Number(enabled),
  };
}

function rowOf(noun: Noun): IdentityTable {
  return {
    id: noun.id,
    name: noun.name,
    domain_id: noun.domainId ?? '',
    enabled: noun.enabled === false ? 0 : 1,
    body: JSON.stringify(noun),
  };
}

/** keystone/exception.py Conflict */
function taken(table: Table, { name, id }: Noun): Failure {
  const noun = table.slice(0, -1);
  return new Failure(
    'conflict',
    `Conflict occurred attempting to store ${noun} - it is not possible to create a ${noun} with name ${name} or id ${id}, because one of them is taken.`,
  );
}
