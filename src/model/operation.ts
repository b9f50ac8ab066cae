import type { HostName, OperationId, ProjectId, RequestId, ServerId, UserId } from './ids.ts';

/** The state of a durable operation. `running` and `unwinding` are passing; the other two are ends. */
export type OperationState = 'running' | 'unwinding' | 'done' | 'undone';

/** A durable operation on one server, written down before it starts. */
export interface Operation {
  readonly id: OperationId;
  /** Which list of steps it follows, e.g. `create-server`. */
  readonly kind: string;
  /** The version of that list, and of what it keeps, that wrote the row. */
  readonly version: number;
  readonly serverId: ServerId;
  readonly state: OperationState;
  /** The name of the step that is under way, or to be undone next; null when none is left. */
  readonly step: string | null;
  /** What was asked, as it was when the operation began. */
  readonly input: Readonly<Record<string, unknown>>;
  /** The output of each step that was done, by the step's name; null for one without output. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The names of the steps whose undo gave up. */
  readonly notUndone: readonly string[];
  /** Why it unwinds. */
  readonly failure: { readonly kind: string; readonly message: string; readonly operatorText: string } | null;
  /** Somebody asked that it unwind at the next step. */
  readonly cancelled: boolean;
  /**
   * The request that cancelled it and whose action ends with this operation; null: no action waits for it.
   */
  readonly cancelRequestId: RequestId | null;
  /** Why the last replica that read it could not go on with it; null once one has taken it over. */
  readonly notUnderstood: string | null;
  /** The replica that runs it: only that one may move it. */
  readonly owner: string;
  /** Epoch milliseconds after which another replica may take it over, unless the owner renews it. */
  readonly leaseUntil: number;
  /** Grows by one with every move and every change of owner; a write names the one it saw. */
  readonly generation: number;
  readonly requestId: RequestId;
  readonly projectId: ProjectId;
  readonly userId: UserId;
  /** Epoch milliseconds */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What the log of an operation records of a step. `try failed`: the step, or its undo, is tried again. */
export type OperationLogEvent = 'done' | 'skipped' | 'failed' | 'undone' | 'undo failed' | 'try failed';

/** One line of an operation's log. Lines are only added. */
export interface OperationLogLine {
  readonly operationId: OperationId;
  readonly step: string;
  readonly event: OperationLogEvent;
  /** How often the step had been tried; the first try is 1. */
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
