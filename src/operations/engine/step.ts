import type { ActionName } from '../../model/action.ts';
import type { Command, Reply, Verb } from '../../model/command.ts';
import type { Failure } from '../../model/failure.ts';
import type { GuestObservation } from '../../model/guest.ts';
import type { HostName, ImageId, OperationId } from '../../model/ids.ts';
import type { MigrationStatus, MigrationType } from '../../model/migration.ts';
import type { GuestPort } from '../../model/network/guest-port.ts';
import type { Operation } from '../../model/operation.ts';
import type { Server, ServerPatch, TaskState } from '../../model/server.ts';
import type { Store } from '../../store/promise/store.ts';
import type { Beginning, OperationInput, QuotaUse } from './beginning.ts';
import type { Resolved } from './guest-ports.ts';
import type { RecentHosts } from './recent-hosts.ts';
import type { Settings } from './settings.ts';
import type { SchemaOf } from './stored-values.ts';
import type { RowUpgrade } from './upgrade-row.ts';

/** The input of a step's `do` and `undo`. */
export interface StepContext {
  readonly operation: Operation;
  readonly operationId: OperationId;
  readonly kind: OperationKind;
  /** The server as the step begins. */
  readonly server: Server;
  /** Whether a step that brought a guest up could not be undone: that guest may run. */
  readonly newGuestLeft: boolean;
  /** Sends a command to the agent of a host: the server's own host unless another is named. */
  ask<V extends Verb>(command: Command & { verb: V }, host?: HostName | null): Promise<Reply<V>>;
  /** The server's ports as they are now, with their rules unless `resolved` leaves them out. */
  ports(resolved?: Resolved): Promise<readonly GuestPort[]>;
  /** Aborted when the step's time is up, or when it is to unwind. */
  readonly signal: AbortSignal;
  /** URLs from which the host may read the data of these images; null: the host reads them directly. */
  linksTo(images: readonly ImageId[]): Readonly<Record<ImageId, string>> | null;
  readonly store: Store;
  readonly hosts: RecentHosts;
  readonly settings: Settings;
  /** Epoch milliseconds now. */
  readonly now: () => number;
}

/**
 * The tries of a step whose host does not answer. They take half a minute: a restarted agent is back by then,
 * even on a busy host.
 */
export const TRIES = 20;

/**
 * One step of an operation. `do` and `undo` are idempotent: after a crash the engine repeats the one that was
 * under way.
 */
export interface Step<Output = unknown> {
  /**
   * Stored with operations that are under way: another name is another step, and needs a new version of the
   * kind.
   */
  readonly name: string;
  /**
   * The schema of the step's output, which later steps and the end of the operation can read; null: the step
   * has none.
   */
  readonly output: SchemaOf<Output> | null;
  /** The server's task state from here on. */
  readonly taskState?: TaskState;
  /** The step is skipped when this returns false. */
  when?(context: StepContext): boolean;
  do(context: StepContext): Promise<Output | undefined>;
  /**
   * Undoes the step, even a half-done one; or a sentence that says why nothing needs to be undone. Its output
   * replaces that of `do`.
   */
  readonly undo: ((context: StepContext) => Promise<Output | undefined>) | string;
  /** Milliseconds for one try. */
  readonly timeoutMs: number;
  /** The most tries when the host does not answer or the outcome is unknown. */
  readonly tries: number;
  /**
   * What its undo leaves is on a host that the server did not move to, and does not run. That host is cleared
   * when it returns (`stale-guests.ts`), so the server counts as unchanged.
   */
  readonly leavesElsewhere?: boolean;
  /**
   * The step starts a new guest, or moves the guest to another host. If its undo failed, the guest that a
   * host observes may be the new one: it does not prove that the server is unchanged.
   */
  readonly bringsUp?: true;
  /** A step that only cleans up: its failure is logged, and the operation continues. */
  readonly tidies?: boolean;
}

/**
 * The descriptor of an operation: all that is known of it. `operations.start` begins it, the engine runs it,
 * and the references and crash tests are derived from it.
 */
export interface OperationKind<Name extends string = string, Request = unknown> {
  readonly kind: Name;
  /**
   * The row of the one table of actions and states (`model/action.ts`) that must allow it; null where there
   * is no server before it.
   */
  readonly legal: ActionName | null;
  /**
   * The server's task state from the request on. Null: other operations may begin meanwhile, and none of its
   * patches sets the task state, which may be theirs.
   */
  readonly taskState: TaskState;
  /**
   * Of its steps and of what it keeps. It grows whenever a row of the version before could not be run as it
   * is: a step is added, renamed, moved or taken away, or a schema changes.
   */
  readonly version: number;
  /**
   * By an earlier version: how its row becomes a row of the next one. A row without one is not understood.
   */
  readonly upgrades?: Readonly<Record<number, RowUpgrade>>;
  /** What is stored of the request. */
  readonly input: OperationInput<Request>;
  /** What it checks and changes when it begins, beyond what the fields below say. */
  readonly begin?: Beginning<Request>;
  /** Absent: it takes up no quota. */
  readonly quota?: QuotaUse<Request>;
  /**
   * The operation leaves the server's host, which must be up. How it is refused otherwise: as a `conflict`
   * that does not name the host, or as `invalid` with its name.
   */
  readonly sourceUp?: 'conflict' | 'invalid';
  /** The word in os-instance-actions (nova/compute/instance_actions.py CREATE). */
  readonly action: string;
  /** The word of its event there. */
  readonly event: string;
  readonly steps: readonly Step[];
  /** Commands of its steps that not every agent can carry out: the server's host must. */
  readonly asks?: readonly Verb[];
  readonly migration?: MigrationUse;
  /**
   * It deletes the server: it cancels what is under way there, a second request joins the first, a cancel
   * does not unwind it, and its end is written although the server is being deleted.
   */
  readonly deletesServer?: true;
  /** It gives the server ports or takes some: guests that let its security groups in follow at its end. */
  readonly changesPorts?: true;
  /** Only administrators start it: its errors may name hosts to the user. */
  readonly namesHosts?: true;
  /**
   * Whether an operation whose steps were taken back had come so far that it ends as if they were all done.
   * Pure.
   */
  cameThrough?(operation: Operation): boolean;
  /** The server when all steps are done. Pure. */
  finished(context: EndContext): ServerPatch;
  /** The server when the steps were taken back. Pure. */
  abandoned(context: AbandonedContext): ServerPatch;
}

/** The migration record of a move. */
export interface MigrationUse {
  /** The record that the operation adds. Absent: it ends the record of the pending resize. */
  readonly begins?: MigrationType;
  /** The status of the record when all steps are done. */
  readonly finished: MigrationStatus;
  /** The status of the record when the steps were taken back. */
  readonly abandoned: MigrationStatus;
}

/** What the end of an operation that was taken back is worked out from. */
export interface AbandonedContext extends EndContext {
  readonly failure: Failure;
  /** Whether some step could not be taken back. */
  readonly leftovers: boolean;
  /** Whether one of those brought a guest up: that guest may run. */
  readonly newGuestLeft: boolean;
  /** With leftovers: the guest as its host shows it after all that; null when the host does not answer. */
  readonly seen: GuestObservation['power'] | null;
}

/** What the end of an operation is worked out from. */
export interface EndContext {
  readonly operation: Operation;
  readonly server: Server;
  /** Epoch milliseconds */
  readonly now: number;
}

/** Whether a step that brings a guest up could not be undone. Pure. */
export function leftNewGuest({ steps }: OperationKind, { notUndone }: Operation): boolean {
  return steps.some(({ name, bringsUp }) => bringsUp === true && notUndone.includes(name));
}

/**
 * Declares an operation, with its name and its request as types: lists of all operations are exhaustive, and
 * `operations.start` takes only this request.
 */
export function defineOperation<const Name extends string, Request>(
  kind: OperationKind<Name, Request>,
): OperationKind<Name, Request> {
  return kind;
}
