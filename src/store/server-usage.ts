import type { Server } from '../model/server.ts';
import type { Session } from './session.ts';
import { statement } from './statement.ts';

const MIB_PER_GIB = 1024;

interface Sums {
  readonly instances: number;
  readonly cores: number;
  readonly ram_mb: number;
  readonly disk_gb: number;
}
type Scope = 'project' | 'host';

const NOTHING: Sums = { instances: 0, cores: 0, ram_mb: 0, disk_gb: 0 };

const add = statement((dialect, change: Sums & { scope: Scope; holder: string }) =>
  dialect.db
    .insertInto('server_usage')
    .values(change)
    .onConflict((conflict) =>
      conflict.columns(['scope', 'holder']).doUpdateSet((eb) => ({
        instances: eb('server_usage.instances', '+', eb.ref('excluded.instances')),
        cores: eb('server_usage.cores', '+', eb.ref('excluded.cores')),
        ram_mb: eb('server_usage.ram_mb', '+', eb.ref('excluded.ram_mb')),
        disk_gb: eb('server_usage.disk_gb', '+', eb.ref('excluded.disk_gb')),
      })),
    ),
);

const find = statement((dialect, of: { scope: Scope; holder: string }) =>
  dialect.db
    .selectFrom('server_usage')
    .select(['instances', 'cores', 'ram_mb', 'disk_gb'])
    .where('scope', '=', of.scope)
    .where('holder', '=', of.holder),
);

/** What the project's or the host's servers take up, as of the last change to one of them. */
export async function usageOf(session: Session, scope: Scope, holder: string): Promise<Sums> {
  const [sums] = await find(session, { scope, holder });
  return sums ?? NOTHING;
}

/** Carries a change of one server into the sums, in the transaction that makes it. `before` is undefined for a new server. */
export async function recordUsage(
  session: Session,
  before: Omit<Server, 'number'> | undefined,
  after: Omit<Server, 'number'>,
): Promise<void> {
  const was = before === undefined ? NOTHING : takes(before);
  const is = takes(after);
  await move(session, 'project', [{ holder: after.projectId, sums: difference(was, is) }]);
  const oldHost = before?.host ?? null;
  if (oldHost === after.host)
    return move(session, 'host', [{ holder: after.host, sums: difference(was, is) }]);
  await move(session, 'host', [
    { holder: oldHost, sums: difference(was, NOTHING) },
    { holder: after.host, sums: is },
  ]);
}

async function move(
  session: Session,
  scope: Scope,
  changes: readonly { holder: string | null; sums: Sums }[],
): Promise<void> {
  for (const { holder, sums } of changes) {
    if (holder === null || Object.values(sums).every((value) => value === 0)) continue;
    await add(session, { scope, holder, ...sums });
  }
}

/** As Nova's Placement counts a flavor: swap in whole GiB, rounded up (nova/scheduler/utils.py resources_from_flavor). */
function takes(server: Omit<Server, 'number'>): Sums {
  if (server.vmState === 'deleted') return NOTHING;
  const { vcpus, ramMb, rootGb, ephemeralGb, swapMb } = server.flavor;
  return {
    instances: 1,
    cores: vcpus,
    ram_mb: ramMb,
    disk_gb: rootGb + ephemeralGb + Math.ceil(swapMb / MIB_PER_GIB),
  };
}

function difference(before: Sums, after: Sums): Sums {
  return {
    instances: after.instances - before.instances,
    cores: after.cores - before.cores,
    ram_mb: after.ram_mb - before.ram_mb,
    disk_gb: after.disk_gb - before.disk_gb,
  };
}
