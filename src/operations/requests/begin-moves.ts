import { Failure } from '../../model/failure.ts';
import type { FlavorSnapshot } from '../../model/flavor.ts';
import { isDown } from '../../model/host-down.ts';
import type { DiskConfig } from '../../model/server.ts';
import { evacuateServer } from '../kinds/evacuate-server.ts';
import { liveMigrateServer } from '../kinds/live-migrate-server.ts';
import { confirmResize, migrateServer, resizeServer, revertResize } from '../kinds/resize-server.ts';
import { NO_DESTINATION } from '../steps/destination.ts';
import type { Beginning } from './begin.ts';
import type { QuotaLimits } from './operations.ts';
import { requireOtherHost } from './other-host.ts';
import { requireQuota } from './quota.ts';

/** After how many milliseconds without a report a host counts as down. */
interface DownAfter {
  readonly serviceDownMs: number;
}

/** A resize, within the project's limits. */
export function resizing(
  {
    flavor,
    quota: limits,
    diskConfig = 'MANUAL',
  }: { flavor: FlavorSnapshot; quota: QuotaLimits; diskConfig?: DiskConfig },
  { serviceDownMs }: DownAfter,
): Beginning {
  return {
    kind: resizeServer,
    patch: { ...NO_DESTINATION, resizeTo: flavor, diskConfig },
    migration: { type: 'resize', newFlavorId: flavor.id },
    sourceUp: { refusal: 'conflict', serviceDownMs },
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
export function migrating(host: string | null, { serviceDownMs }: DownAfter): Beginning {
  return {
    kind: migrateServer,
    patch: NO_DESTINATION,
    migration: { type: 'migration' },
    sourceUp: { refusal: 'conflict', serviceDownMs },
    asks: ['offer-disks'],
    input: async () => ({ host }),
    check: (seen, tx) => requireOtherHost(tx, seen, { action: 'migrate', host, asks: ['fetch-disks'] }),
  };
}

export function liveMigrating(
  request: { host: string | null; blockMigration: boolean | 'auto' },
  { serviceDownMs }: DownAfter,
): Beginning {
  const { host } = request;
  return {
    kind: liveMigrateServer,
    patch: NO_DESTINATION,
    migration: { type: 'live-migration' },
    sourceUp: { refusal: 'invalid', serviceDownMs },
    asks: ['migrate-live'],
    input: async () => ({ ...request }),
    check: (seen, tx) =>
      requireOtherHost(tx, seen, { action: 'os-migrateLive', host, asks: ['prepare-live'] }),
  };
}

/** An evacuation: only from a host that is down. */
export function evacuating(host: string | null, at: DownAfter): Beginning {
  return {
    kind: evacuateServer,
    patch: NO_DESTINATION,
    migration: { type: 'evacuation' },
    input: async (seen) => ({ host, vmState: seen.vmState }),
    checkFirst: (seen, tx) => requireOtherHost(tx, seen, { action: 'evacuate', host, asks: [] }),
    async check(seen, tx) {
      const own = seen.host === null ? undefined : await tx.hosts.find(seen.host);
      if (own !== undefined && !isDown(own, at))
        throw new Failure('invalid', `Compute service of ${own.name} is still in use.`);
    },
  };
}

/** The way on, the way back and a delete end the migration that the resize began. */
export const resizeMigrationInput: Pick<Beginning, 'input'> = {
  async input({ id: serverId, vmState }, tx) {
    if (vmState !== 'resized') return {};
    const [row] = await tx.migrations.list({ serverId, status: 'finished' }, { limit: 1 });
    return row === undefined ? {} : { migration: row.number };
  },
};

export const confirming: Beginning = {
  kind: confirmResize,
  ...resizeMigrationInput,
};

export const reverting: Beginning = {
  kind: revertResize,
  ...resizeMigrationInput,
};
