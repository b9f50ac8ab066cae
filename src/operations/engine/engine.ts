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
  /** Asks the operations of a server that are under way to unwind, at the latest at their next step. */
  cancel(server: ServerId): void;
  /**
   * Takes up what has not ended: all of it where this is the only replica, else what others left, now and
   * from time to time.
   */
  recover(): Promise<void>;
  /**
   * Lets go of the steps that are under way: what has not ended goes on at the next start, or at another
   * replica.
   */
  close(): Promise<void>;
}

/** How many operations are taken over at once. */
const TAKEOVER_BATCH = 100;
/**
 * How long to wait before looking again whether another replica's operation on the same server has ended.
 * Milliseconds.
 */
const LOOK_AGAIN_MS = 300;
/** How long before an operation that a fault of the store stopped is taken up again. Milliseconds. */
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
  /** What this replica does not understand: it is left to the others, and not taken over again. */
  const leftToOthers = new Set<OperationId>();
  const closing = new AbortController();
  let minding: NodeJS.Timeout | undefined;

  function run(operation: Operation): Promise<void> {
    return queue.run(operation.serverId, () => runToItsEnd(operation));
  }

  /**
   * A store that does not answer stops an operation where it is; it goes on when the store is back, here or
   * wherever it then belongs.
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

  /** Waits until what was begun before on the same server, perhaps at another replica, has ended. */
  async function othersEnd(operation: Operation): Promise<void> {
    while (!closing.signal.aborted && (await store.operations.unfinishedBefore(operation)) !== undefined) {
      await pause(LOOK_AGAIN_MS, closing.signal); // another process tells of no ends
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

  /** What a replica among several does from time to time. */
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
