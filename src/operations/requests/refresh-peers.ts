import { Backoff } from '../../async/backoff.ts';
import { pause } from '../../async/pause.ts';
import type { ServerId } from '../../model/ids.ts';
import type { SecurityGroupId } from '../../model/network/network-ids.ts';
import type { PortChange } from '../../model/network/port-change.ts';
import type { Store } from '../../store/promise/store.ts';

const PAUSES = { first: 250, longest: 30_000 } as const;
/** With the pauses between them about half an hour. */
const TRIES = 70;

/**
 * Lets the guests that let a server in by its security groups follow when it comes and goes: their hosts have
 * the addresses of its ports in their filters.
 */
export function createPeerRefresh(parts: { readonly store: Store; refreshPorts(change: PortChange): void }): {
  joined(servers: readonly ServerId[]): void;
  leaving(server: ServerId): void;
  /** When a change of its ports has ended; called before it begins. */
  changing(server: ServerId): Promise<(ended: Promise<void>) => void>;
} {
  const { store, refreshPorts } = parts;
  return {
    joined(servers) {
      void groupsOf(store, servers).then(
        (members) => members.length > 0 && refreshPorts({ members }),
        () => undefined,
      );
    },
    async changing(server) {
      const before = await groupsOf(store, [server]);
      return (ended) => {
        void ended
          .then(() => groupsOf(store, [server]))
          .then(
            (after) => refreshPorts({ members: [...new Set([...before, ...after])] }),
            () => undefined,
          );
      };
    },
    leaving(server) {
      void groupsOf(store, [server]).then(
        async (members) => {
          if (members.length > 0 && (await isGone(store, server))) refreshPorts({ members });
        },
        () => undefined,
      );
    },
  };
}

async function groupsOf(store: Store, servers: readonly ServerId[]): Promise<SecurityGroupId[]> {
  const ports = [...(await store.ports.ofServers(servers)).values()].flat();
  return [...new Set(ports.flatMap(({ securityGroupIds }) => securityGroupIds))];
}

/** Waits until the server is deleted, and its addresses are another's to have. */
async function isGone(store: Store, id: ServerId): Promise<boolean> {
  const backoff = new Backoff(PAUSES);
  for (let tried = 1; tried <= TRIES; tried++) {
    await pause(backoff.next(), new AbortController().signal, { ref: false });
    const server = await store.servers.find(id).catch(() => null);
    if (server === undefined || server?.vmState === 'deleted') return true;
  }
  return false;
}
