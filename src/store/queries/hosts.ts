import type { Insertable, Selectable } from 'kysely';
import type { HostReport } from '../../model/command.ts';
import { Failure } from '../../model/failure.ts';
import type { ComputeHost, SharedIdentity } from '../../model/host.ts';
import type { HostName } from '../../model/ids.ts';
import { readableReport } from '../../model/messages/stored-host.ts';
import type { HostQueries } from '../promise/hosts.ts';
import type { HostSilence } from '../sql/host-silence.ts';
import { lockRows } from '../sql/lock-rows.ts';
import type { ComputeHostsTable } from '../sql/schema.ts';
import type { Session } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

type Row = Selectable<ComputeHostsTable>;

/** Fields of hosts that an agent of release 0.1 reported. */
const BEFORE_MANY_HOSTS: Pick<ComputeHost, 'features' | 'version'> = { features: [], version: 'unknown' };

const insert = statement((dialect, row: Insertable<ComputeHostsTable>) =>
  dialect.db
    .insertInto('compute_hosts')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returningAll(),
);

type Reported = Pick<Row, 'last_seen_at' | 'machine_id' | 'hardware_uuid' | 'body'>;
const renew = statement((dialect, { name, ...columns }: Pick<Row, 'name'> & Reported) =>
  dialect.db.updateTable('compute_hosts').set(columns).where('name', '=', name).returningAll(),
);

const find = statement((dialect, of: { name: string }) =>
  lockRows(dialect, dialect.db.selectFrom('compute_hosts').selectAll().where('name', '=', of.name)),
);

const list = statement((dialect) => dialect.db.selectFrom('compute_hosts').selectAll().orderBy('number'));

type Status = Pick<Row, 'name' | 'status' | 'disabled_reason' | 'forced_down'>;
const setStatus = statement((dialect, { name, ...columns }: Status) =>
  dialect.db.updateTable('compute_hosts').set(columns).where('name', '=', name).returningAll(),
);

const remove = statement((dialect, of: { name: string }) =>
  dialect.db.deleteFrom('compute_hosts').where('name', '=', of.name).returning('number'),
);

const IDENTITIES = [
  ['machine-id', 'machine_id'],
  ['hardware-uuid', 'hardware_uuid'],
] as const;
type Identity = (typeof IDENTITIES)[number][1];

const sharing = statement((dialect, { of }: { of: string | undefined }, identity: Identity) => {
  const query = dialect.db
    .selectFrom('compute_hosts')
    .select(['name', `${identity} as value`])
    .orderBy('value')
    .orderBy('number');
  return of === undefined
    ? query.where(identity, 'in', (eb) =>
        eb
          .selectFrom('compute_hosts')
          .select(identity)
          .where(identity, 'is not', null)
          .groupBy(identity)
          .having((having) => having(having.fn.countAll<number>(), '>', having.lit(1))),
      )
    : query.where(identity, '=', (eb) =>
        eb.selectFrom('compute_hosts').select(identity).where('name', '=', of),
      );
});

/** Queries of one session: compute hosts. */
export function hostQueries(session: Session, silence: HostSilence): HostQueries {
  const hostOf = (row: Row) => hostSilentFor(row, silence);
  return {
    report: (host) =>
      session.lockingTransaction(async (tx) => {
        const row = newRow(host);
        const { name, last_seen_at, machine_id, hardware_uuid, body } = row;
        const reported = { name, last_seen_at, machine_id, hardware_uuid, body };
        const [known = (await insert(tx, row))[0]] = await renew(tx, reported);
        const [stored] = known === undefined ? await renew(tx, reported) : [known]; // another replica may have added it meanwhile
        return hostOf(stored as Row);
      }),
    async find(name) {
      const [row] = await find(session, { name });
      return row && hostOf(row);
    },
    async list() {
      return (await list(session, {})).map(hostOf);
    },
    setStatus: (name, { status, disabledReason, forcedDown }) =>
      session.transaction(async (tx) => {
        const [row] = await setStatus(tx, {
          name,
          status,
          disabled_reason: disabledReason,
          forced_down: forcedDown ? 1 : 0,
        });
        if (row === undefined) throw new Failure('not-found', `Compute host ${name} could not be found.`);
        return hostOf(row);
      }),
    remove(name) {
      silence.forget(name);
      return session.transaction(async (tx) => (await remove(tx, { name })).length > 0);
    },
    async sharedIdentities(of) {
      const found: SharedIdentity[] = [];
      for (const [identity, column] of IDENTITIES) {
        const rows = await sharing(session, { of }, column);
        const byValue = Map.groupBy(rows, ({ value }) => value as string);
        for (const [value, alike] of byValue)
          if (alike.length > 1)
            found.push({ identity, value, hosts: alike.map(({ name }) => name as HostName) });
      }
      return found;
    },
  };
}

function newRow(host: Parameters<HostQueries['report']>[0]): Omit<Row, 'number'> {
  const { name, hypervisorId, serviceId, lastSeenAt, ...body } = host;
  return {
    name,
    hypervisor_id: hypervisorId,
    service_id: serviceId,
    status: 'enabled',
    disabled_reason: null,
    forced_down: 0,
    last_seen_at: lastSeenAt,
    machine_id: comparable(host.machineId.state === 'read' ? host.machineId.text : null),
    hardware_uuid: comparable(host.hardwareUuid),
    body: JSON.stringify(body),
  };
}

function comparable(identity: string | null): string | null {
  return identity?.trim().toLowerCase() || null;
}

function hostSilentFor(row: Row, silence: HostSilence): ComputeHost {
  const body = JSON.parse(row.body) as HostReport;
  const report = readableReport({
    ...BEFORE_MANY_HOSTS,
    ...body,
    name: row.name as HostName,
    hypervisorId: row.hypervisor_id,
    serviceId: row.service_id,
    lastSeenAt: row.last_seen_at,
  });
  return {
    ...report,
    name: row.name as HostName,
    number: row.number,
    hypervisorId: row.hypervisor_id,
    serviceId: row.service_id,
    status: row.status as ComputeHost['status'],
    disabledReason: row.disabled_reason,
    forcedDown: row.forced_down === 1,
    silentMs: silence.since(row.name as HostName, row.last_seen_at),
  };
}
