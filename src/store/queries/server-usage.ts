import type { FlavorSnapshot } from '../../model/flavor.ts';
import type { Server } from '../../model/server.ts';
import type { Session, StoreDialect } from '../sql/session.ts';
import { statement } from '../sql/statement.ts';

const MIB_PER_GIB = 1024;

export interface Sums {
  readonly instances: number;
  readonly cores: number;
  readonly ram_mb: number;
  readonly disk_gb: number;
}
type Scope = 'project' | 'host';

const NOTHING: Sums = { instances: 0, cores: 0, ram_mb: 0, disk_gb: 0 };

const add = statement((dialect, change: Sums & { scope: Scope; holder: string }) => added(dialect, change));

/** Adds zero, so that the row of sums exists and is locked. */
const lockSums = statement((dialect, change: Sums & { scope: Scope; holder: string }) =>
  added(dialect, change).returning(['instances', 'cores', 'ram_mb', 'disk_gb']),
);

function added(dialect: StoreDialect, change: Sums & { scope: Scope; holder: string }) {
  return dialect.db
    .insertInto('server_usage')
    .values(change)
    .onConflict((conflict) =>
      conflict.columns(['scope', 'holder']).doUpdateSet((eb) => ({
        instances: eb('server_usage.instances', '+', eb.ref('excluded.instances')),
        cores: eb('server_usage.cores', '+', eb.ref('excluded.cores')),
        ram_mb: eb('server_usage.ram_mb', '+', eb.ref('excluded.ram_mb')),
        disk_gb: eb('server_usage.disk_gb', '+', eb.ref('excluded.disk_gb')),
      })),
    );
}

const find = statement((dialect, of: { scope: Scope; holder: string }) =>
  dialect.db
    .selectFrom('server_usage')
    .select(['instances', 'cores', 'ram_mb', 'disk_gb'])
    .where('scope', '=', of.scope)
    .where('holder', '=', of.holder),
);

const findAll = statement((dialect, of: { scope: Scope }) =>
  dialect.db
    .selectFrom('server_usage')
    .select(['holder', 'instances', 'cores', 'ram_mb', 'disk_gb'])
    .where('scope', '=', of.scope),
);

/** The usage of every holder. */
export function usageOfEach(session: Session, scope: Scope): Promise<(Sums & { readonly holder: string })[]> {
  return findAll(session, { scope });
}

/**
 * The usage of a project or a host, as of the last change to one of its servers. In a locking transaction
 * the sums stay locked.
 */
export async function usageOf(session: Session, scope: Scope, holder: string): Promise<Sums> {
  const of = { scope, holder };
  const [sums] = await (session.dialect.locksRows
    ? lockSums(session, { ...of, ...NOTHING })
    : find(session, of));
  return sums ?? NOTHING;
}

/**
 * Updates the sums for a change of one server, in the same transaction.
 * @param before undefined for a new server
 */
export async function recordUsage(
  session: Session,
  before: Omit<Server, 'number'> | undefined,
  after: Omit<Server, 'number'>,
): Promise<void> {
  const was = before === undefined ? [] : holdings(before);
  const is = holdings(after);
  const holders = new Map(
    [...was, ...is].map(({ scope, holder }) => [`${scope} ${holder}`, { scope, holder }]),
  );
  for (const { scope, holder } of holders.values()) {
    const change = difference(sumOf(was, { scope, holder }), sumOf(is, { scope, holder }));
    if (Object.values(change).some((value) => value !== 0)) await add(session, { scope, holder, ...change });
  }
}

interface HolderUsage {
  readonly scope: Scope;
  readonly holder: string;
  readonly sums: Sums;
}

/** The usage of a server at each holder. */
function holdings(server: Omit<Server, 'number'>): HolderUsage[] {
  if (server.vmState === 'deleted') return [];
  const { projectId, host, oldHost, flavor, resizeTo } = server;
  const sums = resourcesOf(flavor);
  const ofProject = resizeTo === null ? sums : larger(sums, resourcesOf(resizeTo));
  const usage: HolderUsage[] = [{ scope: 'project', holder: projectId, sums: ofProject }];
  if (host !== null) usage.push({ scope: 'host', holder: host, sums });
  // If two holdings are on the same host, its resources count twice, and the guest once.
  const alsoOn = (other: Server['host'], there: FlavorSnapshot | null) => {
    if (other === null) return;
    const also = resourcesOf(there ?? flavor);
    usage.push({ scope: 'host', holder: other, sums: other === host ? { ...also, instances: 0 } : also });
  };
  alsoOn(oldHost, server.oldFlavor);
  alsoOn(server.destHost, server.destFlavor);
  return usage;
}

function sumOf(holdings: readonly HolderUsage[], of: { scope: Scope; holder: string }): Sums {
  return holdings
    .filter(({ scope, holder }) => scope === of.scope && holder === of.holder)
    .reduce(
      (sum, { sums }) => ({
        instances: sum.instances + sums.instances,
        cores: sum.cores + sums.cores,
        ram_mb: sum.ram_mb + sums.ram_mb,
        disk_gb: sum.disk_gb + sums.disk_gb,
      }),
      NOTHING,
    );
}

/**
 * The resources of a flavor, as Nova's Placement counts them: swap in whole GiB, rounded up
 * (nova/scheduler/utils.py resources_from_flavor).
 */
function resourcesOf({ vcpus, ramMb, rootGb, ephemeralGb, swapMb }: FlavorSnapshot): Sums {
  return {
    instances: 1,
    cores: vcpus,
    ram_mb: ramMb,
    disk_gb: rootGb + ephemeralGb + Math.ceil(swapMb / MIB_PER_GIB),
  };
}

/** The larger value of each field. */
function larger(one: Sums, other: Sums): Sums {
  return {
    instances: Math.max(one.instances, other.instances),
    cores: Math.max(one.cores, other.cores),
    ram_mb: Math.max(one.ram_mb, other.ram_mb),
    disk_gb: Math.max(one.disk_gb, other.disk_gb),
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
