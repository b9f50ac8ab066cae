import { asFailure, Failure } from '../../model/failure.ts';
import { planOf } from '../../model/guest.ts';
import { hostMarker } from '../../model/host.ts';
import { ADDRESS, oneOf } from '../../model/messages/primitives.ts';
import type { Operation } from '../../model/operation.ts';
import { Type } from '../../model/schema.ts';
import type { Server } from '../../model/server.ts';
import { type LedgerEntry, ledgerHeadOf, nextLedgerEntry } from '../../serial/ledger-entry.ts';
import { decideNextBoot } from '../../serial/next-boot.ts';
import type { Store } from '../../store/promise/store.ts';
import { asRequested } from '../engine/beginning.ts';
import { LOOKED_AHEAD } from '../engine/serial-outputs.ts';
import { defineOperation, type Step, type StepContext, TRIES } from '../engine/step.ts';
import { inputOf, outputOf, outputSchema, schemaOf } from '../engine/stored-values.ts';
import { recordOf } from '../engine/write-transition.ts';
import { type HostInput, NAMED_HOST } from '../placement/scheduling.ts';
import { chooseDestination, NO_DESTINATION, toSource } from '../steps/destination.ts';
import { clearHost, endGuest } from '../steps/guest-steps.ts';
import { contentsOfImage } from '../steps/image-contents.ts';
import { followLiveMigration } from '../steps/live-progress.ts';
import { requireOtherHost, UNKNOWN_HOST } from '../steps/other-host.ts';
import { planWithPorts } from '../steps/plan-with-ports.ts';
import { commandDestination, unlessDestinationAway } from '../steps/reach-destination.ts';
import { shareDisks } from '../steps/shared-disks.ts';

const MINUTE = 60_000;
const HOURS = 60 * MINUTE;

interface LiveMigrateInput extends HostInput {
  /** Whether disks are copied; `auto` copies them unless both hosts see the same files. */
  readonly blockMigration: boolean | 'auto';
}

const INPUT = schemaOf<LiveMigrateInput>({
  host: NAMED_HOST,
  blockMigration: Type.Union([Type.Boolean(), Type.Literal('auto')]),
});
type Disks = 'shared' | 'copied';
const COMPARED = outputSchema<{ readonly disks: Disks }>('compare storage', {
  disks: oneOf(['shared', 'copied']),
});
const PREPARED = outputSchema<{ readonly address: string }>('prepare destination', { address: ADDRESS });
const MIGRATED = outputSchema<{ readonly arrived: true }>('migrate', { arrived: Type.Literal(true) });

/** The host that runs the guest: after a lost reply only observing tells. */
async function whereabouts({ ask, server }: StepContext): Promise<'source' | 'destination' | 'nowhere'> {
  const here = await ask({ verb: 'observe', server: server.id });
  if (here.power === 'running' || here.power === 'paused') return 'source';
  const there = await ask({ verb: 'observe', server: server.id }, server.destHost);
  return there.power === 'running' || there.power === 'paused' ? 'destination' : 'nowhere';
}

/** Finds out whether both hosts see the same files, unless the user said that disks are copied. */
const compareStorage: Step<{ readonly disks: Disks }> = {
  ...COMPARED,
  timeoutMs: MINUTE,
  tries: TRIES,
  async do(context) {
    const { server, operation } = context;
    const { blockMigration } = inputOf(operation, INPUT);
    if (blockMigration === true) return { disks: 'copied' };
    const seen = await shareDisks(context, [server.host, server.destHost]);
    if (!seen && blockMigration === false)
      throw new Failure(
        'invalid',
        `${server.destHost} is not on shared storage: Shared storage live-migration requires either shared storage or boot-from-volume with no local disks.`,
      );
    return { disks: seen ? 'shared' : 'copied' };
  },
  undo: ({ ask, server, operation }) =>
    ask({ verb: 'remove-mark', server: server.id, mark: operation.id }).then(() => undefined),
};

function disksOf({ operation }: Pick<StepContext, 'operation'>): Disks {
  return outputOf(operation, COMPARED)?.disks ?? 'copied';
}

/**
 * Makes the destination ready: the files that a live migration does not carry by itself, and the address to
 * migrate to.
 */
const prepare: Step<{ readonly address: string }> = {
  ...PREPARED,
  timeoutMs: HOURS,
  tries: TRIES,
  leavesElsewhere: true,
  async do(context) {
    const { ask, server } = context;
    const plan = await planWithPorts(context, planOf(server));
    const disks = disksOf(context);
    if (disks === 'copied') {
      const offer = await ask({
        verb: 'offer-disks',
        server: server.id,
        set: server.diskSet,
        purpose: 'live',
      });
      const contents = await contentsOfImage(context.store, plan.image);
      await commandDestination(context, { verb: 'fetch-disks', plan, offer, contents });
    }
    return { address: await commandDestination(context, { verb: 'prepare-live', plan, disks }) };
  },
  /**
   * After a broken migration the guest waits there for the rest of its memory until libvirt gives up; or it
   * runs, if only the reply about its arrival was lost.
   */
  async undo(context): Promise<undefined> {
    const { server } = context;
    if (server.destHost === null || server.destHost === server.host) return;
    const clear = disksOf(context) === 'copied' ? clearHost : endGuest;
    return clear(context, server.destHost);
  },
};

/** The guest is at the destination: there is no way back from there. */
const ARRIVED = { arrived: true } as const;

/** Whether a live migration has brought its guest to the destination: whoever aborts it comes too late. */
export function hasArrived(operation: Pick<Operation, 'outputs'>): boolean {
  return outputOf(operation, MIGRATED)?.arrived === true;
}

/**
 * Moves the guest. Its running and its persistent definition go along as they are, and so does its serial.
 */
const migrate: Step<{ readonly arrived: true }> = {
  ...MIGRATED,
  timeoutMs: 24 * HOURS,
  tries: 100,
  bringsUp: true,
  async do(context) {
    const { ask, server, operation } = context;
    const at = await whereabouts(context);
    if (at === 'nowhere')
      throw new Failure('conflict', 'The guest is switched off; it cannot be migrated live.');
    if (at === 'destination') return ARRIVED;
    const following = followLiveMigration(context);
    try {
      const destination = outputOf(operation, PREPARED)?.address;
      if (destination === undefined)
        throw new Error(`operation ${operation.id} has no address to migrate to`);
      await ask({ verb: 'migrate-live', server: server.id, destination, disks: disksOf(context) });
    } catch (error) {
      const failure = asFailure(error);
      throw failure.kind === 'internal' ? await unlessDestinationAway(failure, context) : failure;
    } finally {
      await following.stop();
    }
    return ARRIVED;
  },
  /** The guest may have arrived just before the abort: then it stays there, and the server follows it. */
  async undo(context) {
    const { ask, store, server, operation, now } = context;
    if (server.destHost === null) return undefined;
    if (server.destHost === server.host) return ARRIVED; // it has followed it, before a crash
    if (!hasArrived(operation)) {
      await ask({ verb: 'abort-live', server: server.id });
      if ((await whereabouts(context)) !== 'destination') return undefined;
    }
    await clearAtSource(context).catch(() => undefined); // where its guest is matters more than what it left
    const pending = await pendingAt(server, store);
    const at = now();
    await store.transaction(async (tx) => {
      const seen = await tx.servers.find(server.id);
      if (seen === undefined) return;
      await tx.servers.update(seen, { host: server.destHost, updatedAt: at });
      if (pending !== undefined) await tx.serials.add(recordOf(pending, operation, at));
    });
    return ARRIVED;
  },
};

async function clearAtSource(context: StepContext): Promise<void> {
  const { ask, server } = context;
  await ask({ verb: 'undefine', server: server.id });
  if (disksOf(context) === 'copied') await ask({ verb: 'delete-disks', server: server.id, set: 'all' });
}

async function markAtDestination({ ask, server }: StepContext): Promise<void> {
  const { id, destHost } = server;
  if (destHost !== null) await ask({ verb: 'mark-disks', server: id, mark: hostMarker(destHost) }, destHost);
}

/**
 * The destination marks the files as its own, as it does where it defines a guest. Takes away what the source
 * still holds. A guest's shared files are the destination's now.
 */
const clearSource: Step = {
  name: 'clear source',
  output: null,
  timeoutMs: 10 * MINUTE,
  tries: 20,
  tidies: true,
  async do(context) {
    const both = await Promise.allSettled([markAtDestination(context), clearAtSource(context)]); // neither host waits for the other
    for (const one of both) if (one.status === 'rejected') throw one.reason;
    return undefined;
  },
  undo: 'the server no longer uses what the step deletes',
};

/**
 * The guest keeps its serial now; the host it is on may give it another at the next hard boot. The ledger
 * says so at once.
 */
const lookAhead: Step<{ readonly pendingSerial: LedgerEntry }> = {
  ...LOOKED_AHEAD,
  timeoutMs: MINUTE,
  tries: 3,
  tidies: true,
  async do({ store, server }) {
    const pendingSerial = await pendingAt(server, store);
    return pendingSerial === undefined ? undefined : { pendingSerial };
  },
  undo: 'the step changes nothing',
};

async function pendingAt(server: Server, store: Store): Promise<LedgerEntry | undefined> {
  const host = server.destHost === null ? undefined : await store.hosts.find(server.destHost);
  if (host === undefined) return undefined;
  return nextLedgerEntry(ledgerHeadOf(await store.serials.of(server.id)), decideNextBoot(server, host));
}

/** Nova's sentence (nova/exception.py UnableToMigrateToSelf). */
const NOVA_REFUSALS = {
  ...UNKNOWN_HOST,
  same: ({ id }: Pick<Server, 'id'>, host: string) =>
    `Unable to migrate instance (${id}) to current host (${host}).`,
} as const;

/** The serial is kept, whatever the destination's own is. Mirrors nova/compute/manager.py live_migration. */
export const liveMigrateServer = defineOperation({
  kind: 'live-migrate-server',
  legal: 'os-migrateLive',
  taskState: 'migrating',
  version: 1,
  input: asRequested(INPUT),
  begin: {
    check: (context) => requireOtherHost(context, { ...NOVA_REFUSALS, asks: ['prepare-live'] }),
    patch: () => NO_DESTINATION,
  },
  sourceUp: 'invalid',
  asks: ['migrate-live'],
  action: 'live-migration',
  event: 'compute_live_migration',
  namesHosts: true,
  migration: { begins: 'live-migration', finished: 'completed', abandoned: 'error' },
  cameThrough: hasArrived,
  steps: [
    chooseDestination({
      taskState: 'migrating',
      status: 'preparing',
      ownHost: false,
      asks: ['prepare-live'],
      host: ({ operation }) => inputOf(operation, INPUT).host,
      flavor: ({ server }) => server.flavor,
      clear: async () => undefined,
    }),
    compareStorage,
    prepare,
    migrate,
    clearSource,
    lookAhead,
  ],
  finished: ({ server }) => ({ host: server.destHost, taskState: null, ...NO_DESTINATION }),
  abandoned: toSource,
});
