import type { HostName, OperationId, RequestId, ServerId } from '../../model/ids.ts';
import type { InstanceAction, Operation, OperationLogLine, OperationState } from '../../model/operation.ts';
import type { Page } from './page.ts';

/** Filters of a list of operations. All given filters must match. */
export interface OperationFilter {
  readonly server?: ServerId;
  readonly state?: OperationState;
  readonly kind?: string;
  /** Changed at or after this time. Epoch milliseconds. */
  readonly since?: number;
}

export interface OperationQueries {
  insert(operation: Operation): Promise<void>;
  find(id: OperationId): Promise<Operation | undefined>;
  /** Newest first. @throws {Failure} `invalid` when the marker is not the id of an operation */
  list(filter: OperationFilter, page: Pick<Page, 'limit' | 'marker'>): Promise<Operation[]>;
  /**
   * Writes version, state, step, input, outputs, steps not undone, failure and updatedAt. The write is
   * fenced: it succeeds only for the owner, and only from the generation that it read, so a replica that lost
   * its lease cannot write.
   * @returns the operation as it is now: with the next generation, and cancelled if a request demanded that
   * @throws {Failure} `conflict` when it has another owner or generation
   */
  save(operation: Operation): Promise<Operation>;
  /** Renews the owner's leases on all its unfinished operations. @returns how many */
  renew(owner: string, leaseUntil: number): Promise<number>;
  /**
   * Makes the owner take over unfinished operations whose lease has expired, oldest first. Only one replica
   * gets each.
   * @param by.except operations that this owner does not understand
   */
  takeOver(by: {
    readonly owner: string;
    readonly now: number;
    readonly leaseUntil: number;
    readonly limit: number;
    readonly except?: readonly OperationId[];
  }): Promise<Operation[]>;
  /**
   * Ends the owner's lease on an operation that it does not understand, and stores the reason. Fenced as
   * `save`.
   * @throws {Failure} `conflict` when it has another owner or generation
   */
  letGo(operation: Operation, why: string): Promise<void>;
  /** The oldest unfinished operation of the same server that began before this one. */
  unfinishedBefore(operation: Operation): Promise<Operation | undefined>;
  /**
   * Cancels every unfinished operation of the server.
   * @param request the request whose instance action ends with them
   * @returns how many
   */
  cancel(server: ServerId, request?: RequestId): Promise<number>;
  log(line: OperationLogLine): Promise<void>;
  logOf(id: OperationId): Promise<OperationLogLine[]>;
  /** Unfinished operations, oldest first. */
  unfinished(): Promise<Operation[]>;
}

export interface ActionQueries {
  /** Adds the action with its events, usually one that is not finished. */
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
