import { KeyedQueue } from '../../async/keyed-queue.ts';
import { pause } from '../../async/pause.ts';
import { asFailure, isPassing } from '../../model/failure.ts';
import type { OperationId, ServerId } from '../../model/ids.ts';
import type { Operation } from '../../model/operation.ts';
import { LEASE_RENEWAL_MS, type Replica } from './replica.ts';
import { type RunningParts, runOperation } from './run-operation.ts';
import type { OperationKind } from './step.ts';
import { understand } from './understand.ts';

/** What the engine is built from. */
export interface EngineParts extends RunningParts {
  readonly kinds: readonly OperationKind[];
  readonly replica: Replica;
}

/**
 * Runs durable operations: those of one server one after another, those of different servers side by side.
 */
export interface Engine {
  readonly replica: Replica;
  /** Runs an operation that has been written down. Resolves at its end, whichever that is. */
  run(operation: Operation): Promise<void>;
  /** Makes the operations under way on a server unwind, at the latest at their next step. */
  cancel(server: ServerId): void;
  /**
   * Resumes unfinished operations: all of them if this is the only replica; otherwise, now and periodically,
   * those of replicas whose lease is over.
   */
  recover(): Promise<void>;
  /**
   * Stops the steps under way. Unfinished operations continue at the next start, or at another replica.
   */
  close(): Promise<void>;
}

/** The number of operations that one query takes over. */
const TAKEOVER_BATCH = 100;
/**
 * How long to wait before looking again whether another replica's operation on the same server has ended.
 * Milliseconds.
 */
const LOOK_AGAIN_MS = 300;
/** The pause before an operation that a fault of the store stopped is resumed. Milliseconds. */
const AFTER_FAULT_MS = 1_000;

interface UnderWay {
  readonly operation: Operation;
  readonly cancel: AbortController;
}

export function createEngine(parts: EngineParts): Engine {
  const { store, log, now, replica } = parts;
  const kinds = new Map(parts.kinds.map((kind) => [kind.kind, kind]));
  const queue = new KeyedQueue<ServerId>();
  const underWay = new Map<ServerId, UnderWay>();
  /** Operations that this replica does not understand, and leaves to others. */
  const leftToOthers = new Set<OperationId>();
  const closing = new AbortController();
  let minding: NodeJS.Timeout | undefined;

  function run(operation: Operation): Promise<void> {
    return queue.run(operation.serverId, () => runToItsEnd(operation));
  }

  /**
   * Runs an operation to its end. It pauses while the store does not answer, and continues when the store is
   * back, unless another replica has taken it over.
   */
  async function runToItsEnd(first: Operation): Promise<void> {
    for (let operation: Operation | undefined = first; operation !== undefined; ) {
      try {
        return await runNow(operation);
      } catch (error) {
        const failure = asFailure(error);
        const { id, kind } = operation;
        const what = { operation: id, kind, why: failure.operatorText };
        if (failure.kind === 'conflict' && (await stillMine(operation)) === undefined)
          return log('operation-taken-over', what);
        const passes = isPassing(failure.kind);
        log(passes ? 'operation-suspended' : 'operation-stopped', what);
        if (!passes) return;
        await pause(AFTER_FAULT_MS, closing.signal);
        operation = await stillMine(operation);
      }
    }
  }

  /** The operation as it is now, if it has not ended and no other replica has taken it over. */
  async function stillMine(operation: Operation): Promise<Operation | undefined> {
    if (closing.signal.aborted) return undefined;
    const found = await store.operations.find(operation.id).catch(() => operation);
    const unfinished = found?.state === 'running' || found?.state === 'unwinding';
    return unfinished && found.owner === replica.id ? found : undefined;
  }

  async function runNow(stored: Operation): Promise<void> {
    const understood = understand(kinds, stored);
    if (!understood.ok) return leaveToOthers(stored, understood.why);
    const { kind, operation } = understood;
    if (replica.shared || leftToOthers.size > 0) await othersEnd(operation);
    if (closing.signal.aborted) return;
    const cancel = new AbortController();
    const mine = { operation, cancel };
    if (!kind.deletesServer) underWay.set(operation.serverId, mine);
    try {
      await runOperation(parts, { kind, operation, cancel, closing: closing.signal });
    } finally {
      if (underWay.get(operation.serverId) === mine) underWay.delete(operation.serverId);
    }
  }

  /** Ends the lease: a replica of the release that wrote the operation can go on with it at once. */
  async function leaveToOthers(operation: Operation, why: string): Promise<void> {
    const { id, kind, serverId: server } = operation;
    leftToOthers.add(id);
    log('operation-not-understood', { kind, server, operation: id, why });
    await store.operations.letGo(operation, why);
  }

  /** Waits until earlier operations on the same server, perhaps at another replica, have ended. */
  async function othersEnd(operation: Operation): Promise<void> {
    while (!closing.signal.aborted && (await store.operations.unfinishedBefore(operation)) !== undefined) {
      await pause(LOOK_AGAIN_MS, closing.signal); // no event announces the end of an operation at another replica
    }
  }

  async function takeOver(): Promise<void> {
    const left = {
      owner: replica.id,
      now: now(),
      leaseUntil: replica.leaseFrom(now()),
      limit: TAKEOVER_BATCH,
    };
    for (;;) {
      const taken = await store.operations.takeOver({ ...left, except: [...leftToOthers] });
      for (const operation of taken) {
        log('operation-resumed', { operation: operation.id, kind: operation.kind });
        void run(operation);
      }
      if (taken.length < TAKEOVER_BATCH) return;
    }
  }

  /** Renews the leases of this replica, reads cancels, and takes over operations of dead replicas. */
  async function mind(): Promise<void> {
    try {
      if (queue.size > 0) await store.operations.renew(replica.id, replica.leaseFrom(now()));
      for (const { operation, cancel } of [...underWay.values()])
        if ((await store.operations.find(operation.id))?.cancelled) cancel.abort();
      await takeOver();
    } catch (error) {
      log('leases-not-renewed', { why: asFailure(error).operatorText });
    }
    if (!closing.signal.aborted) minding = setTimeout(() => void mind(), LEASE_RENEWAL_MS);
  }

  return {
    replica,
    run,
    cancel: (server) => underWay.get(server)?.cancel.abort(),
    recover: () => (replica.shared ? mind() : takeOver()),
    async close() {
      closing.abort();
      clearTimeout(minding);
      await queue.idle();
    },
  };
}
