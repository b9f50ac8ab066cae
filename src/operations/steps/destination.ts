import type { Verb } from '../../model/command.ts';
import type { FlavorSnapshot } from '../../model/flavor.ts';
import type { HostName } from '../../model/ids.ts';
import type { MigrationStatus } from '../../model/migration.ts';
import { Type } from '../../model/schema.ts';
import type { Server, ServerPatch, TaskState } from '../../model/server.ts';
import { type AbandonedContext, type Step, type StepContext, TRIES } from '../engine/step.ts';
import { outputOf, outputSchema } from '../engine/stored-values.ts';
import { claimHost } from '../placement/claim-host.ts';
import { SCHEDULING, type Scheduling } from '../placement/scheduling.ts';
import { isInPreviousState, toPreviousState } from './final-states.ts';
import { reachDestination } from './reach-destination.ts';

/** No place is kept on another host, and no quota for another flavor. */
export const NO_DESTINATION = {
  destHost: null,
  destFlavor: null,
  resizeTo: null,
} as const satisfies ServerPatch;

/**
 * After a move was undone: the claim on the destination ends, unless the guest may still be there. A delete
 * then clears the destination too.
 */
export function toSource(context: AbandonedContext): ServerPatch {
  return {
    ...toPreviousState(context),
    ...(isInPreviousState(context) ? NO_DESTINATION : { resizeTo: null }),
  };
}

/** The host that a move goes to, once it has been chosen. */
export const destination = ({ server }: StepContext): HostName | null => server.destHost;

/** A step at the destination: what its undo leaves there is harmless. */
export const atDestination = { on: destination, leavesElsewhere: true } as const;

/** Whether the move leaves the server's host. */
export function leavesHost({ server }: Pick<StepContext, 'server'>): boolean {
  return server.destHost !== server.host;
}

interface Chosen {
  /** The destination answered: files of the server may have reached it since. */
  readonly reached: true;
  /** Absent where it had been chosen before a crash. */
  readonly scheduling?: Scheduling;
}

const CHOSEN = outputSchema<Chosen>('choose destination', {
  reached: Type.Literal(true),
  scheduling: Type.Optional(SCHEDULING),
});

/** Chooses the destination of a move, claims its capacity until the move ends, and checks that it answers. */
export function chooseDestination(options: {
  readonly taskState: TaskState;
  readonly status: MigrationStatus;
  /** Whether the server's own host will do; then it is taken if it has room. */
  readonly ownHost: boolean;
  /** Commands that the host must be able to carry out, beyond what every agent can. */
  readonly asks?: readonly Verb[];
  /** The host that an administrator named, or null. */
  host(context: StepContext): string | null;
  /** The flavor that the server will have there. */
  flavor(context: StepContext): FlavorSnapshot;
  /** Deletes what reached the other host; the last undo of the move. */
  clear(context: StepContext): Promise<void>;
}): Step<Chosen> {
  const { taskState, status, ownHost, asks = [] } = options;
  return {
    ...CHOSEN,
    taskState,
    timeoutMs: 60_000,
    tries: TRIES,
    leavesElsewhere: true,
    async do(context) {
      const flavor = options.flavor(context);
      const { host } = context.server;
      const scheduling = await claimHost(context, {
        flavor,
        asks,
        host: options.host(context),
        ...(ownHost ? { rather: host } : { except: host }),
        isWanted: (server) => server.destHost === null,
        async write(tx, server, destHost) {
          const updatedAt = context.now();
          await tx.servers.update(server, { destHost, destFlavor: flavor, updatedAt });
          const row = await tx.migrations.ofOperation(context.operationId);
          if (row !== undefined) await tx.migrations.update(row.number, { destHost, status, updatedAt });
        },
      });
      const chosen = { ...context, server: await serverNow(context) };
      if (leavesHost(chosen)) await reachDestination(chosen);
      return { reached: true, ...(scheduling && { scheduling }) };
    },
    async undo(context): Promise<undefined> {
      const { server, operation } = context;
      if (outputOf(operation, CHOSEN)?.reached === true && server.destHost !== null && leavesHost(context))
        await options.clear(context);
    },
  };
}

async function serverNow({ store, server }: StepContext): Promise<Server> {
  return (await store.servers.find(server.id)) ?? server;
}
