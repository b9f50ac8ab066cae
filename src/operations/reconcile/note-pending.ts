import type { ComputeHost } from '../../model/host.ts';
import type { ServerId } from '../../model/ids.ts';
import type { Log } from '../../model/log.ts';
import { pagesOf } from '../../model/pages.ts';
import type { Server } from '../../model/server.ts';
import { type LedgerHead, ledgerHeadOf, nextLedgerEntry } from '../../serial/ledger-entry.ts';
import { decideNextBoot } from '../../serial/next-boot.ts';
import type { Store } from '../../store/promise/store.ts';

/** Servers that are looked at together. */
const AT_ONCE = 500;
/** What the ledger names in the place of an operation. */
const HOST_REPORT = 'host-report';

interface NotingParts {
  readonly store: Store;
  readonly now: () => number;
  readonly log: Log;
}

/**
 * After a host has reported another identity: adds to the ledger of each of its servers what their next hard
 * boot would do now, where the ledger says something else. Nothing relies on these lines: explain, preview
 * and audit compute it anew.
 */
export async function notePending(parts: NotingParts, host: ComputeHost): Promise<void> {
  const { store } = parts;
  const on = { host: host.name };
  for await (const servers of pagesOf((page) => store.servers.list(on, page), AT_ONCE)) {
    const standings = await store.serials.standingsOf(servers.map(({ id }) => id));
    for (const server of servers)
      if (missing(standings.get(server.id), server, host)) await note(parts, server.id, host);
  }
}

function missing(standing: LedgerHead | undefined, server: Server, host: ComputeHost) {
  return standing && nextLedgerEntry(standing, decideNextBoot(server, host));
}

/** The server is held meanwhile, so that of two that note the same only one adds the line. */
async function note({ store, now, log }: NotingParts, id: ServerId, host: ComputeHost): Promise<void> {
  await store.lockingTransaction(async (tx) => {
    const server = await tx.servers.find(id);
    if (server?.host !== host.name) return;
    const entry = missing(ledgerHeadOf(await tx.serials.of(id)), server, host);
    if (entry === undefined) return;
    await tx.serials.add({ ...entry, serverId: id, operationId: null, operation: HOST_REPORT, at: now() });
    log('serial-change-pending', {
      ...{ server: id, host: host.name, effect: entry.effect, serial: entry.serial },
    });
  });
}
