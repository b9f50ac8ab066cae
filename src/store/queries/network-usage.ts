import type { Session, StoreDialect } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

/** What a project has a number of: Neutron's names of its quotas. */
export type NetworkResource = 'network' | 'subnet' | 'port' | 'security_group' | 'security_group_rule';

interface Change {
  readonly project_id: string;
  readonly resource: NetworkResource;
  readonly used: number;
}

const add = statement((dialect, change: Change) => added(dialect, change));

/** Adds nothing: so the number is locked, although there may be none yet. */
const hold = statement((dialect, change: Change) => added(dialect, change).returning('used'));

function added(dialect: StoreDialect, change: Change) {
  return dialect.db
    .insertInto('network_usage')
    .values(change)
    .onConflict((conflict) =>
      conflict
        .columns(['project_id', 'resource'])
        .doUpdateSet((eb) => ({ used: eb('network_usage.used', '+', eb.ref('excluded.used')) })),
    );
}

const find = statement((dialect, of: { project: string; resource: string }) =>
  dialect.db
    .selectFrom('network_usage')
    .select('used')
    .where('project_id', '=', of.project)
    .where('resource', '=', of.resource),
);

/** How many the project has, as of the last change; locked in a locking transaction. */
export async function networkUsage(
  session: Session,
  project: string,
  resource: NetworkResource,
): Promise<number> {
  const [row] = await (session.dialect.locksRows
    ? hold(session, { project_id: project, resource, used: 0 })
    : find(session, { project, resource }));
  return Number(row?.used ?? 0);
}

/** Counts rows that were made or deleted, in the transaction that does it. */
export async function changeNetworkUsage(
  session: Session,
  project: string,
  { resource, by }: { readonly resource: NetworkResource; readonly by: number },
): Promise<void> {
  if (by !== 0) await add(session, { project_id: project, resource, used: by });
}
