import type { HostName, OperationId, RequestId, ServerId } from '../../model/ids.ts';
import type { InstanceAction, Operation, OperationLogLine, OperationState } from '../../model/operation.ts';
import type { Page } from './page.ts';

/** Which operations a list shows; a field left out says nothing. */
export interface OperationFilter {
  readonly server?: ServerId;
  readonly state?: OperationState;
  readonly kind?: string;
  /** Changed at or after then: epoch milliseconds. */
  readonly since?: number;
}

export interface OperationQueries {
  insert(operation: Operation): Promise<void>;
  find(id: OperationId): Promise<Operation | undefined>;
  /**
   * Newest first.
   * @throws {Failure} `invalid` when the marker is no operation
   */
  list(filter: OperationFilter, page: Pick<Page, 'limit' | 'marker'>): Promise<Operation[]>;
  /**
   * Writes the fields that move: state, step, outputs, steps not undone, failure, updatedAt. Fenced: only the
   * owner moves an operation, and only from the generation that it saw; a replica that lost its lease cannot.
   * @returns the operation as it now is: a generation on, and cancelled if anybody asked for that
   * @throws {Failure} `conflict` when it has another owner or generation
   */
  save(operation: Operation): Promise<Operation>;
  /** Makes the owner's lease on all that it has not ended last until then. @returns how many */
  renew(owner: string, leaseUntil: number): Promise<number>;
  /**
   * Gives the owner those of others, not ended, whose lease has run out, oldest first: each to one replica
   * only.
   * @param by.except those that this owner has found it does not understand
   */
  takeOver(by: {
    readonly owner: string;
    readonly now: number;
    readonly leaseUntil: number;
    readonly limit: number;
    readonly except?: readonly OperationId[];
  }): Promise<Operation[]>;
  /**
   * Ends the owner's lease on an operation that it does not understand, and writes down why. Fenced as
   * `save`.
   * @throws {Failure} `conflict` when it has another owner or generation
   */
  letGo(operation: Operation, why: string): Promise<void>;
  /** The oldest on the same server that was begun before this one and has not ended. */
  unfinishedBefore(operation: Operation): Promise<Operation | undefined>;
  /**
   * Marks every operation of the server that has not ended as cancelled.
   * @param request whose action ends with them
   * @returns how many
   */
  cancel(server: ServerId, request?: RequestId): Promise<number>;
  log(line: OperationLogLine): Promise<void>;
  logOf(id: OperationId): Promise<OperationLogLine[]>;
  /** Those not ended, oldest first. */
  unfinished(): Promise<Operation[]>;
}

export interface ActionQueries {
  /** Adds the action with its events (usually one, not finished). */
  begin(action: InstanceAction): Promise<void>;
  finish(
    of: { readonly serverId: ServerId; readonly requestId: RequestId },
    event: {
      readonly at: number;
      readonly result: 'Success' | 'Error';
      readonly details: string | null;
      readonly traceback: string | null;
      readonly host: HostName | null;
    },
  ): Promise<void>;
  /** Newest first. */
  list(
    server: ServerId,
    page: Page & { readonly changedSince?: number; readonly changedBefore?: number },
  ): Promise<InstanceAction[]>;
  find(server: ServerId, request: RequestId): Promise<InstanceAction | undefined>;
}
