import type { HostName, OperationId, ProjectId, RequestId, ServerId, UserId } from './ids.ts';

/** The state of a durable operation. `done` and `undone` are final. */
export type OperationState = 'running' | 'unwinding' | 'done' | 'undone';

/** A durable operation on one server. It is stored before it starts. */
export interface Operation {
  readonly id: OperationId;
  /** The name of its descriptor, e.g. `create-server`. */
  readonly kind: string;
  /** The version of the descriptor that wrote the row. */
  readonly version: number;
  readonly serverId: ServerId;
  readonly state: OperationState;
  /** The name of the current step, or of the next step to undo; null when none is left. */
  readonly step: string | null;
  /** The input from the request, as it was at the start of the operation. */
  readonly input: Readonly<Record<string, unknown>>;
  /** The output of each completed step, by the step's name; null for a step without output. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The names of the steps whose undo gave up. */
  readonly notUndone: readonly string[];
  /** Why it unwinds. */
  readonly failure: { readonly kind: string; readonly message: string; readonly operatorText: string } | null;
  /** A request demanded that the operation unwind at the next step. */
  readonly cancelled: boolean;
  /**
   * The request that cancelled it, and whose instance action ends with this operation; null: no instance
   * action waits for it.
   */
  readonly cancelRequestId: RequestId | null;
  /** Why the last replica that read it could not resume it; null after a replica has taken it over. */
  readonly notUnderstood: string | null;
  /** The replica that runs it. Only this replica may change its state. */
  readonly owner: string;
  /** Epoch milliseconds after which another replica may take it over, unless the owner renews it. */
  readonly leaseUntil: number;
  /**
   * Increases by one with every transition and every change of owner. A write names the generation it read.
   */
  readonly generation: number;
  readonly requestId: RequestId;
  readonly projectId: ProjectId;
  readonly userId: UserId;
  /** Epoch milliseconds */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The event of a line in the operation log. `try failed`: the step, or its undo, is retried. */
export type OperationLogEvent = 'done' | 'skipped' | 'failed' | 'undone' | 'undo failed' | 'try failed';

/** One line of an operation's log. The log is append-only. */
export interface OperationLogLine {
  readonly operationId: OperationId;
  readonly step: string;
  readonly event: OperationLogEvent;
  /** The number of tries of the step so far; the first try is 1. */
  readonly tries: number;
  /** Why it failed, for operators. */
  readonly detail: string | null;
  readonly at: number;
}

/**
 * An instance action, as `os-instance-actions` shows it, with its one event (nova/objects/instance_action.py
 * InstanceAction, InstanceActionEvent). Times are epoch milliseconds.
 */
export interface InstanceAction {
  readonly serverId: ServerId;
  /** The API's action word, e.g. `reboot`. */
  readonly action: string;
  readonly requestId: RequestId;
  readonly projectId: ProjectId;
  readonly userId: UserId;
  readonly startedAt: number;
  readonly updatedAt: number;
  /** `Error` when it failed, else null. */
  readonly message: string | null;
  readonly events: readonly InstanceActionEvent[];
}

export interface InstanceActionEvent {
  /** e.g. `compute_reboot_instance` */
  readonly event: string;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly result: 'Success' | 'Error' | null;
  /** For the user. */
  readonly details: string | null;
  /** For administrators. */
  readonly traceback: string | null;
  readonly host: HostName | null;
}
