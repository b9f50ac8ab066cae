import type { Selectable } from 'kysely';
import type { Aggregate } from '../../model/aggregate.ts';
import { Failure } from '../../model/failure.ts';
import type { HostName } from '../../model/ids.ts';
import type { AggregateQueries } from '../promise/hosts.ts';
import type { AggregatesTable } from '../sql/schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

type Row = Selectable<AggregatesTable>;

const insert = statement((dialect, row: Omit<Row, 'number'>) =>
  dialect.db
    .insertInto('aggregates')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('number'),
);

const find = statement((dialect, of: { number: number }) =>
  dialect.db.selectFrom('aggregates').selectAll().where('number', '=', of.number),
);

const findNamed = statement((dialect, of: { name: string }) =>
  dialect.db.selectFrom('aggregates').select('number').where('name', '=', of.name),
);

const list = statement((dialect) => dialect.db.selectFrom('aggregates').selectAll().orderBy('number'));

const ofHost = statement((dialect, of: { host: string }) =>
  dialect.db
    .selectFrom('aggregates')
    .selectAll('aggregates')
    .innerJoin('aggregate_hosts', 'aggregate_hosts.aggregate', 'aggregates.number')
    .where('aggregate_hosts.host', '=', of.host)
    .orderBy('aggregates.number'),
);

const update = statement((dialect, { number, seen, ...columns }: { seen: number } & Row) =>
  dialect.db
    .updateTable('aggregates')
    .set(columns)
    .where('number', '=', number)
    .where('generation', '=', seen)
    .returning('number'),
);

const remove = statement((dialect, of: { number: number }) =>
  dialect.db.deleteFrom('aggregates').where('number', '=', of.number).returning('number'),
);

const addHost = statement((dialect, row: { aggregate: number; host: string }) =>
  dialect.db
    .insertInto('aggregate_hosts')
    .values(row)
    .onConflict((conflict) => conflict.doNothing()),
);

const dropHost = statement((dialect, of: { aggregate: number; host: string }) =>
  dialect.db.deleteFrom('aggregate_hosts').where('aggregate', '=', of.aggregate).where('host', '=', of.host),
);

/** Queries of one session: host aggregates. */
export function aggregateQueries(session: Session): AggregateQueries {
  return {
    insert: (aggregate) =>
      session.transaction(async (tx) => {
        const [inserted] = await insert(tx, rowOf(aggregate));
        if (inserted === undefined) throw taken(aggregate.name);
        await setHosts(tx, inserted.number, { before: [], after: aggregate.hosts });
        return { ...aggregate, number: inserted.number };
      }),
    async find(number) {
      const [row] = await find(session, { number });
      return row && aggregateOf(row);
    },
    async list() {
      return (await list(session, {})).map(aggregateOf);
    },
    update: (seen, patch) => session.transaction((tx) => updateAggregate(tx, seen, patch)),
    delete: (number) => session.transaction(async (tx) => (await remove(tx, { number })).length > 0),
    async ofHost(host) {
      return (await ofHost(session, { host })).map(aggregateOf);
    },
  };
}

async function updateAggregate(
  session: Session,
  seen: Parameters<AggregateQueries['update']>[0],
  patch: Parameters<AggregateQueries['update']>[1],
): Promise<Aggregate> {
  const [stored] = await find(session, { number: seen.number });
  if (stored === undefined) throw new Failure('not-found', `Aggregate ${seen.number} could not be found.`);
  const before = aggregateOf(stored);
  const after: Aggregate = { ...before, ...patch, generation: seen.generation + 1 };
  const [named] = after.name === before.name ? [] : await findNamed(session, { name: after.name });
  if (named !== undefined) throw taken(after.name);
  const [written] = await update(session, { ...rowOf(after), number: seen.number, seen: seen.generation });
  if (written === undefined)
    throw new Failure('conflict', `Aggregate ${seen.number} was changed by another request. Try again.`);
  await setHosts(session, seen.number, { before: before.hosts, after: after.hosts });
  return after;
}

async function setHosts(
  session: Session,
  aggregate: number,
  { before, after }: { before: readonly HostName[]; after: readonly HostName[] },
): Promise<void> {
  const [was, is] = [new Set(before), new Set(after)];
  for (const host of was.difference(is)) await dropHost(session, { aggregate, host });
  for (const host of is.difference(was)) await addHost(session, { aggregate, host });
}

/** nova/exception.py AggregateNameExists */
function taken(name: string): Failure {
  return new Failure('conflict', `Aggregate ${name} already exists.`);
}

function rowOf(aggregate: Omit<Aggregate, 'number'>): Omit<Row, 'number'> {
  const { uuid, generation, name, hosts, metadata, createdAt, updatedAt } = aggregate;
  return {
    uuid,
    generation,
    name,
    created_at: createdAt,
    updated_at: updatedAt,
    body: JSON.stringify({ hosts, metadata }),
  };
}

function aggregateOf(row: Row): Aggregate {
  return {
    ...(JSON.parse(row.body) as Pick<Aggregate, 'hosts' | 'metadata'>),
    number: row.number,
    uuid: row.uuid,
    generation: row.generation,
    name: row.name,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
