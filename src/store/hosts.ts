import type { Insertable, Selectable } from 'kysely';
import { Failure } from '../model/failure.ts';
import type { ComputeHost } from '../model/host.ts';
import type { HostName } from '../model/ids.ts';
import type { ComputeHostsTable } from './schema.ts';
import type { Session } from './session.ts';
import { statement } from './statement.ts';
import type { HostQueries } from './store.ts';

type Row = Selectable<ComputeHostsTable>;

const insert = statement((dialect, row: Insertable<ComputeHostsTable>) =>
  dialect.db.insertInto('compute_hosts').values(row).returningAll(),
);

const renew = statement((dialect, { name, ...columns }: Pick<Row, 'name' | 'last_seen_at' | 'body'>) =>
  dialect.db.updateTable('compute_hosts').set(columns).where('name', '=', name).returningAll(),
);

const find = statement((dialect, of: { name: string }) =>
  dialect.db.selectFrom('compute_hosts').selectAll().where('name', '=', of.name),
);

const list = statement((dialect) => dialect.db.selectFrom('compute_hosts').selectAll().orderBy('number'));

type Status = Pick<Row, 'name' | 'status' | 'disabled_reason' | 'forced_down'>;
const setStatus = statement((dialect, { name, ...columns }: Status) =>
  dialect.db.updateTable('compute_hosts').set(columns).where('name', '=', name).returningAll(),
);

/** Compute hosts, asked of one session. */
export function hostQueries(session: Session): HostQueries {
  return {
    report: (host) =>
      session.atomically(async (tx) => {
        const row = newRow(host);
        const { name, last_seen_at, body } = row;
        const [known] = await renew(tx, { name, last_seen_at, body });
        const [reported] = known === undefined ? await insert(tx, row) : [known];
        return hostOf(reported as Row);
      }),
    async find(name) {
      const [row] = await find(session, { name });
      return row && hostOf(row);
    },
    async list() {
      return (await list(session, {})).map(hostOf);
    },
    setStatus: (name, { status, disabledReason, forcedDown }) =>
      session.atomically(async (tx) => {
        const [row] = await setStatus(tx, {
          name,
          status,
          disabled_reason: disabledReason,
          forced_down: forcedDown ? 1 : 0,
        });
        if (row === undefined) throw new Failure('not-found', `Compute host ${name} could not be found.`);
        return hostOf(row);
      }),
  };
}

function newRow(host: Parameters<HostQueries['report']>[0]): Insertable<ComputeHostsTable> {
  const { name, hypervisorId, serviceId, lastSeenAt, ...body } = host;
  return {
    name,
    hypervisor_id: hypervisorId,
    service_id: serviceId,
    status: 'enabled',
    disabled_reason: null,
    forced_down: 0,
    last_seen_at: lastSeenAt,
    body: JSON.stringify(body),
  };
}

function hostOf(row: Row): ComputeHost {
  return {
    ...(JSON.parse(row.body) as Omit<ComputeHost, 'name' | 'number'>),
    name: row.name as HostName,
    number: row.number,
    hypervisorId: row.hypervisor_id,
    serviceId: row.service_id,
    status: row.status as ComputeHost['status'],
    disabledReason: row.disabled_reason,
    forcedDown: row.forced_down === 1,
    lastSeenAt: row.last_seen_at,
  };
}
