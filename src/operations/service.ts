import { randomBytes } from 'node:crypto';
import type { Bus } from '../bus/bus.ts';
import { Failure } from '../model/failure.ts';
import type { ServerId } from '../model/ids.ts';
import type { Server, ServerPatch } from '../model/server.ts';
import type { Queries, Store } from '../store/store.ts';
import { actionOf, type Beginning, begin, operationOn } from './begin.ts';
import { createServer } from './create-server.ts';
import { deleteServer } from './delete-server.ts';
import type { Engine } from './engine.ts';
import { lockServer, unlockServer } from './lock-server.ts';
import { newServer } from './new-server.ts';
import type { Operations, Requester, ServerRequest } from './operations.ts';
import { pauseServer, resumeServer, stopServer, suspendServer, unpauseServer } from './power-server.ts';
import { requireQuota } from './quota.ts';
import { hardRebootServer, softRebootServer, startServer } from './reboot-server.ts';
import { rebuildServer } from './rebuild-server.ts';
import { confirmResize, resizeServer, revertResize } from './resize-server.ts';

/** Every kind of operation there is. */
export const OPERATION_KINDS = [
  createServer,
  deleteServer,
  startServer,
  stopServer,
  softRebootServer,
  hardRebootServer,
  pauseServer,
  unpauseServer,
  suspendServer,
  resumeServer,
  rebuildServer,
  resizeServer,
  confirmResize,
  revertResize,
] as const;

const CONSOLE_TIMEOUT_MS = 10_000;

/** Joins the API's wishes to the engine: each is checked and written down in one transaction, and then run. */
export function createOperations(parts: {
  store: Store;
  engine: Engine;
  bus: Bus;
  now: () => number;
}): Operations {
  const { store, engine, bus, now } = parts;

  async function start(id: ServerId, beginning: Beginning, by: Requester): Promise<Server> {
    const { operation, server } = await store.transaction((tx) =>
      begin(tx, id, { beginning, by, at: now() }),
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
      const made = await store.transaction((tx) => writeServers(tx, request, { by, at }));
      for (const { operation } of made) void engine.run(operation);
      return made.map(({ server }) => server);
    },
    async delete({ id }, by) {
      const beginning: Beginning = { kind: deleteServer, legal: 'delete', taskState: 'deleting' };
      const operation = await store.transaction(async (tx) => {
        const seen = await tx.servers.find(id);
        if (seen?.taskState === 'deleting' && seen.vmState !== 'deleted') return undefined; // it is under way
        await tx.operations.cancel(id);
        return (await begin(tx, id, { beginning, by, at: now() })).operation;
      });
      if (operation === undefined) return;
      void engine.run(operation);
      engine.cancel(id);
    },
    stop: simple({ kind: stopServer, legal: 'stop', taskState: 'powering-off' }),
    start: simple({ kind: startServer, legal: 'start', taskState: 'powering-on' }),
    async reboot(server, type, by) {
      const soft: Beginning = { kind: softRebootServer, legal: 'reboot', taskState: 'rebooting' };
      const hard: Beginning = { kind: hardRebootServer, legal: 'hard reboot', taskState: 'rebooting_hard' };
      await start(server.id, type === 'SOFT' ? soft : hard, by);
    },
    pause: simple({ kind: pauseServer, legal: 'pause', taskState: 'pausing' }),
    unpause: simple({ kind: unpauseServer, legal: 'unpause', taskState: 'unpausing' }),
    suspend: simple({ kind: suspendServer, legal: 'suspend', taskState: 'suspending' }),
    resume: simple({ kind: resumeServer, legal: 'resume', taskState: 'resuming' }),
    async rebuild(server, { image, ...asked }, by) {
      const patch: ServerPatch = { ...asked, image };
      const beginning: Beginning = {
        kind: rebuildServer,
        legal: 'rebuild',
        taskState: 'rebuilding',
        input: (seen, operation) => ({ patch: { ...patch, diskSet: operation }, vmState: seen.vmState }),
      };
      return { ...(await start(server.id, beginning, by)), ...patch };
    },
    async resize(server, { flavor, quota: limits }, by) {
      const beginning: Beginning = {
        kind: resizeServer,
        legal: 'resize',
        taskState: 'resize_prep',
        input: () => ({ flavor }),
        async check(seen, tx) {
          const asked = {
            instances: 0,
            cores: flavor.vcpus - seen.flavor.vcpus,
            ramMb: flavor.ramMb - seen.flavor.ramMb,
          };
          await requireQuota(tx, seen.projectId, { asked, limits });
        },
      };
      await start(server.id, beginning, by);
    },
    confirmResize: simple({ kind: confirmResize, legal: 'confirmResize', taskState: 'resize_confirming' }),
    revertResize: simple({ kind: revertResize, legal: 'revertResize', taskState: 'resize_reverting' }),
    lock: (server, reason, by) =>
      store.transaction((tx) => lockServer(tx, server.id, { reason, by, at: now() })),
    unlock: (server, by) => store.transaction((tx) => unlockServer(tx, server.id, { by, at: now() })),
    async consoleOutput(server, lines) {
      if (server.host === null) throw new Failure('conflict', `Instance ${server.id} is not ready`);
      const signal = AbortSignal.timeout(CONSOLE_TIMEOUT_MS);
      return bus.request(server.host, { verb: 'console-log', server: server.id, lines }, signal);
    },
  };
}

async function writeServers(tx: Queries, request: ServerRequest, { by, at }: { by: Requester; at: number }) {
  const count = request.names.length;
  const { flavor, quota: limits } = request;
  const asked = { instances: count, cores: count * flavor.vcpus, ramMb: count * flavor.ramMb };
  await requireQuota(tx, by.projectId, { asked, limits });
  const reservationId = `r-${randomBytes(4).toString('hex')}`;
  const beginning: Beginning = {
    kind: createServer,
    legal: null,
    taskState: 'scheduling',
    input: () => ({ host: request.host }),
  };
  const made = [];
  for (let index = 0; index < count; index++) {
    const server = await tx.servers.insert(newServer(request, { index, reservationId, by, at }));
    const operation = operationOn(server, { beginning, by, at });
    await tx.operations.insert(operation);
    await tx.actions.begin(actionOf(operation, createServer));
    made.push({ server, operation });
  }
  return made;
}
