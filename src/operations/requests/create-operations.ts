import { randomBytes } from 'node:crypto';
import { within } from '../../async/deadline.ts';
import { pause } from '../../async/pause.ts';
import { Failure } from '../../model/failure.ts';
import type { ServerId } from '../../model/ids.ts';
import type { Server, ServerPatch } from '../../model/server.ts';
import type { Queries, Store } from '../../store/promise/store.ts';
import type { Engine } from '../engine/engine.ts';
import type { Replica } from '../engine/replica.ts';
import { createServer } from '../kinds/create-server.ts';
import { deleteServer } from '../kinds/delete-server.ts';
import { POWER_KINDS, startServer } from '../kinds/power-server.ts';
import { hardRebootServer, softRebootServer } from '../kinds/reboot-server.ts';
import { rebuildServer } from '../kinds/rebuild-server.ts';
import { actionOf, type Beginning, begin, operationOn } from './begin.ts';
import {
  confirming,
  evacuating,
  liveMigrating,
  migrating,
  resizeMigrationInput,
  resizing,
  reverting,
} from './begin-moves.ts';
import { type CachingParts, cacheImages } from './cache-images.ts';
import { cancelLiveMigration, recordForcing } from './live-migration-actions.ts';
import { lockServer, unlockServer } from './lock-server.ts';
import { newServer } from './new-server.ts';
import type { Operations, Requester, ServerRequest } from './operations.ts';
import { requireQuota, requireRoomInGroup } from './quota.ts';
import { resetServerState } from './reset-state.ts';

const CONSOLE_TIMEOUT_MS = 10_000;
const FORCE_TIMEOUT_MS = 30_000;
/**
 * How long the answer to a delete of a server in ERROR waits for the end of it: Nova deletes what is on no
 * host before it answers (nova/compute/api.py _local_delete).
 */
const DELETE_IN_ERROR_MS = 3_000;

/**
 * Joins the API's wishes to the engine: each is checked and written down in one transaction, and then run.
 */
export function createOperations(
  parts: CachingParts & {
    readonly store: Store;
    readonly engine: Engine;
    readonly now: () => number;
    /** How long without a report a host counts as down. Milliseconds. */
    readonly serviceDownMs: number;
  },
): Operations {
  const { store, engine, bus, now } = parts;
  const { replica } = engine;

  async function start(id: ServerId, beginning: Beginning, by: Requester): Promise<Server> {
    const { operation, server } = await store.transaction((tx) =>
      begin(tx, id, { beginning, by, at: now(), replica }),
    );
    void engine.run(operation);
    return server;
  }
  const simple = (beginning: Beginning) => async (server: Server, by: Requester) => {
    await start(server.id, beginning, by);
  };

  return {
    async createServers(request, by) {
      const at = now();
      const inOne = request.groupId === null ? store.lockingTransaction : store.transaction; // the others of a group are counted
      const made = await inOne((tx) => writeServers(tx, request, { by, at, replica }));
      for (const { operation } of made) void engine.run(operation);
      return made.map(({ server }) => server);
    },
    async delete({ id }, by) {
      const beginning: Beginning = {
        kind: deleteServer,
        ...resizeMigrationInput,
      };
      const begun = await store.lockingTransaction(async (tx) => {
        const seen = await tx.servers.find(id);
        if (seen?.taskState === 'deleting' && seen.vmState !== 'deleted') return undefined; // it is under way
        await tx.operations.cancel(id);
        return begin(tx, id, { beginning, by, at: now(), replica });
      });
      if (begun === undefined) return;
      const running = engine.run(begun.operation);
      engine.cancel(id);
      // Clients that wait for the end take a server that is still in ERROR for one that could not be deleted.
      if (begun.server.vmState === 'error') await atMost(DELETE_IN_ERROR_MS, running);
    },
    cacheImages(hosts, images) {
      void cacheImages(parts, hosts, images);
    },
    async power(name, server, by) {
      const kind = POWER_KINDS.find((each) => each.kind === name)!;
      await start(server.id, { kind }, by);
    },
    start: simple({ kind: startServer }),
    async reboot(server, type, by) {
      const soft: Beginning = { kind: softRebootServer };
      const hard: Beginning = { kind: hardRebootServer };
      await start(server.id, type === 'SOFT' ? soft : hard, by);
    },
    async rebuild(server, { image, ...asked }, by) {
      const patch: ServerPatch = { ...asked, image };
      const beginning: Beginning = {
        kind: rebuildServer,
        input: async (seen) => ({ patch, vmState: seen.vmState }),
      };
      return { ...(await start(server.id, beginning, by)), ...patch };
    },
    async resize(server, request, by) {
      await start(server.id, resizing(request, parts), by);
    },
    confirmResize: simple(confirming),
    revertResize: simple(reverting),
    async migrate(server, { host }, by) {
      await start(server.id, migrating(host, parts), by);
    },
    async liveMigrate(server, request, by) {
      await start(server.id, liveMigrating(request, parts), by);
    },
    async abortLiveMigration(server, number, by) {
      await store.transaction((tx) => cancelLiveMigration(tx, server.id, { number, by, at: now() }));
      engine.cancel(server.id);
    },
    async forceCompleteLiveMigration(server, number, by) {
      const host = await store.transaction((tx) => recordForcing(tx, server.id, { number, by, at: now() }));
      const force = { verb: 'force-live', server: server.id } as const;
      await within(FORCE_TIMEOUT_MS, (signal) => bus.request(host, force, signal));
    },
    async evacuate(server, { host }, by) {
      await start(server.id, evacuating(host, parts), by);
    },
    resetState: (server, state, by) =>
      store.transaction((tx) => resetServerState(tx, server.id, { state, by, at: now() })),
    lock: (server, reason, by) =>
      store.transaction((tx) => lockServer(tx, server.id, { reason, by, at: now() })),
    unlock: (server, by) => store.transaction((tx) => unlockServer(tx, server.id, { by, at: now() })),
    async consoleOutput(server, lines) {
      if (server.host === null) throw new Failure('conflict', `Instance ${server.id} is not ready`);
      const { host } = server;
      const ask = { verb: 'console-log', server: server.id, lines } as const;
      return within(CONSOLE_TIMEOUT_MS, (signal) => bus.request(host, ask, signal));
    },
  };
}

async function atMost(milliseconds: number, running: Promise<void>): Promise<void> {
  const ended = new AbortController();
  void running.then(() => ended.abort());
  await pause(milliseconds, ended.signal);
}

async function writeServers(
  tx: Queries,
  request: ServerRequest,
  { by, at, replica }: { by: Requester; at: number; replica: Replica },
) {
  const count = request.names.length;
  const { flavor, quota: limits } = request;
  const asked = { instances: count, cores: count * flavor.vcpus, ramMb: count * flavor.ramMb };
  if (request.groupId !== null)
    await requireRoomInGroup(tx, request.groupId, { count, most: limits.groupMembers });
  const reservationId = `r-${randomBytes(4).toString('hex')}`;
  const input = { host: request.host };
  const wanted = request.names.map((_, index) => {
    const server = newServer(request, { index, reservationId, by, at });
    return { server, operation: operationOn(server.id, { kind: createServer, input, by, at, replica }) };
  });
  for (const { operation } of wanted) {
    await tx.operations.insert(operation);
    await tx.actions.begin(actionOf(operation, createServer));
  }
  // The project's sums come last: all others who create in it wait for them.
  await requireQuota(tx, by.projectId, { asked, limits });
  const made = [];
  for (const { server, operation } of wanted)
    made.push({ server: await tx.servers.insert(server), operation });
  return made;
}
