import { within } from '../../async/deadline.ts';
import { Failure } from '../../model/failure.ts';
import type { ChosenIdentity } from '../../model/given-identity.ts';
import type { ProjectId } from '../../model/ids.ts';
import type { PortChange } from '../../model/network/port-change.ts';
import type { QuotaLimits } from '../../model/quota.ts';
import type { Store } from '../../store/promise/store.ts';
import type { Engine } from '../engine/engine.ts';
import type { Settings } from '../engine/settings.ts';
import { afterPortChange } from './after-port-change.ts';
import { atMost } from './at-most.ts';
import { begin } from './begin.ts';
import { type CachingParts, cacheImages } from './cache-images.ts';
import { describeHolders } from './claim-identity.ts';
import { domainHolders } from './domain-holders.ts';
import { identityHolders } from './identity-holders.ts';
import { cancelLiveMigration, recordForcing } from './live-migration-actions.ts';
import { lockServer, unlockServer } from './lock-server.ts';
import type { Operations } from './operations.ts';
import { createPeerRefresh } from './refresh-peers.ts';
import { PortRefresh } from './refresh-ports.ts';
import { resetServerState } from './reset-state.ts';
import { startDeleting } from './start-deleting.ts';
import { writeServers } from './write-servers.ts';

const CONSOLE_TIMEOUT_MS = 10_000;
/** How long the answer to a request waits for the end of its operation. */
const WAIT_MS = 30_000;
const FORCE_TIMEOUT_MS = 30_000;

/** Joins the API to the engine: a request is checked and written down in one transaction, and then run. */
export function createOperations(
  parts: CachingParts & {
    readonly store: Store;
    readonly engine: Engine;
    readonly now: () => number;
    readonly settings: Settings;
    /** What a project may have. */
    limitsOf(project: ProjectId): Promise<QuotaLimits>;
  },
): Operations {
  const { store, engine, bus, now, settings } = parts;
  const { replica } = engine;
  const refresh = new PortRefresh(parts);
  const refreshPorts = (change: PortChange) => refresh.follow(change);
  const peers = createPeerRefresh({ store, refreshPorts });

  const holdersOf = async (identity: ChosenIdentity, projectId: ProjectId) => {
    const holders = await identityHolders(store, identity, projectId);
    if (holders.some(({ name }) => name === 'id')) return holders; // its domain is that of its server
    return [...holders, ...(await domainHolders(parts, identity.id, settings.scheduler.serviceDownMs))];
  };

  return {
    async createServers(request, by) {
      const at = now();
      const { groupId, identity } = request;
      const taken = identity === undefined ? [] : await holdersOf(identity, by.projectId);
      if (taken.length > 0) throw new Failure('conflict', describeHolders(taken));
      const relies = groupId !== null || identity !== undefined; // on the others of a group, on who has what
      const inOne = relies ? store.transaction : store.lockingTransaction;
      const made = await inOne((tx) => writeServers(tx, request, { by, at, replica, settings }));
      for (const { operation } of made) void engine.run(operation);
      peers.joined(made.map(({ server }) => server.id));
      return made.map(({ server }) => server);
    },
    holdersOf,
    async start(kind, server, request, by) {
      const limits = kind.quota && (await parts.limitsOf(kind.quota.project({ server, by })));
      const start = { kind, request, by, at: now(), replica, settings, ...(limits && { limits }) };
      if (kind.deletesServer) {
        peers.leaving(server.id);
        return startDeleting(store, engine, { server: server.id, start });
      }
      const ended = kind.changesPorts && (await peers.changing(server.id));
      const begun = await afterPortChange(store, server.id, () =>
        store.transaction((tx) => begin(tx, server.id, start)),
      );
      const running = engine.run(begun.operation);
      ended?.(running);
      return begun.server;
    },
    async startAndWait(kind, server, request, by) {
      const start = { kind, request, by, at: now(), replica, settings };
      const ended = kind.changesPorts && (await peers.changing(server.id));
      const { operation } = await afterPortChange(store, server.id, () =>
        store.transaction((tx) => begin(tx, server.id, start)),
      );
      const running = engine.run(operation);
      ended?.(running);
      await atMost(WAIT_MS, running);
      return (await store.operations.find(operation.id)) ?? operation;
    },
    cacheImages(hosts, images) {
      void cacheImages(parts, hosts, images);
    },
    refreshPorts,
    sweepPorts: () => refresh.sweep(),
    async abortLiveMigration(server, number, by) {
      await store.transaction((tx) => cancelLiveMigration(tx, server.id, { number, by, at: now() }));
      engine.cancel(server.id);
    },
    async forceCompleteLiveMigration(server, number, by) {
      const host = await store.transaction((tx) => recordForcing(tx, server.id, { number, by, at: now() }));
      const force = { verb: 'force-live', server: server.id } as const;
      await within(FORCE_TIMEOUT_MS, (signal) => bus.request(host, force, signal));
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
