import type { Verb } from '../../model/command.ts';
import { Failure } from '../../model/failure.ts';
import type { FlavorSnapshot } from '../../model/flavor.ts';
import { isDown } from '../../model/host-down.ts';
import type { HostName } from '../../model/ids.ts';
import type { DiskConfig, Server } from '../../model/server.ts';
import type { Queries } from '../../store/promise/store.ts';
import { evacuateServer } from '../kinds/evacuate-server.ts';
import { liveMigrateServer } from '../kinds/live-migrate-server.ts';
import { confirmResize, migrateServer, resizeServer, revertResize } from '../kinds/resize-server.ts';
import { NO_DESTINATION } from '../steps/destination.ts';
import type { Beginning } from './begin.ts';
import type { QuotaLimits } from './operations.ts';
import { requireQuota } from './quota.ts';
import { requireAble } from './require-able.ts';

/** A resize, within the project's limits. */
export function resizing({
  flavor,
  quota: limits,
  diskConfig = 'MANUAL',
}: {
  flavor: FlavorSnapshot;
  quota: QuotaLimits;
  diskConfig?: DiskConfig;
}): Beginning {
  return {
    kind: resizeServer,
    patch: { ...NO_DESTINATION, resizeTo: flavor, diskConfig },
    migration: { type: 'resize', newFlavorId: flavor.id },
    input: async () => ({ flavor, host: null }),
    async check(seen, tx) {
      const asked = {
        instances: 0,
        cores: flavor.vcpus - seen.flavor.vcpus,
        ramMb: flavor.ramMb - seen.flavor.ramMb,
      };
      await requireQuota(tx, seen.projectId, { asked, limits });
    },
  };
}

/** A cold migration, to the host that is named or to one that is chosen. */
export function migrating(host: string | null): Beginning {
  return {
    kind: migrateServer,
    patch: NO_DESTINATION,
    migration: { type: 'migration' },
    asks: ['offer-disks'],
    input: async () => ({ host }),
    check: (seen, tx) => requireOtherHost(tx, seen, { host, asks: ['fetch-disks'] }),
  };
}

export function liveMigrating(request: { host: string | null; blockMigration: boolean | 'auto' }): Beginning {
  return {
    kind: liveMigrateServer,
    patch: NO_DESTINATION,
    migration: { type: 'live-migration' },
    asks: ['migrate-live'],
    input: async () => ({ ...request }),
    check: (seen, tx) => requireOtherHost(tx, seen, { host: request.host, asks: ['prepare-live'] }),
  };
}

/** An evacuation: only from a host that is down. */
export function evacuating(host: string | null, at: { serviceDownMs: number }): Beginning {
  return {
    kind: evacuateServer,
    patch: NO_DESTINATION,
    migration: { type: 'evacuation' },
    input: async (seen) => ({ host, vmState: seen.vmState }),
    async check(seen, tx) {
      await requireOtherHost(tx, seen, { host, asks: [] });
      const own = seen.host === null ? undefined : await tx.hosts.find(seen.host);
      if (own !== undefined && !isDown(own, at))
        throw new Failure('invalid', `Compute service of ${own.name} is still in use.`);
    },
  };
}

/** The way on, the way back and a delete end the migration that the resize began. */
export const ofTheResize: Pick<Beginning, 'input'> = {
  async input({ id: serverId, vmState }, tx) {
    if (vmState !== 'resized') return {};
    const [row] = await tx.migrations.list({ serverId, status: 'finished' }, { limit: 1 });
    return row === undefined ? {} : { migration: row.number };
  },
};

export const confirming: Beginning = {
  kind: confirmResize,
  ...ofTheResize,
};

export const reverting: Beginning = {
  kind: revertResize,
  ...ofTheResize,
};

async function requireOtherHost(
  tx: Queries,
  server: Server,
  { host, asks }: { readonly host: string | null; readonly asks: readonly Verb[] },
): Promise<void> {
  if (host === null) return;
  if (host === server.host)
    throw new Failure('invalid', 'Cannot migrate to the host where the server exists.');
  if ((await tx.hosts.find(host as HostName)) === undefined)
    throw new Failure('invalid', `Compute host ${host} could not be found.`);
  await requireAble(tx, { host: host as HostName, asks, kind: 'invalid' });
}
