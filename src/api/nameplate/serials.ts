import { Type } from 'typebox';
import { Failure } from '../../model/failure.ts';
import type { ServerId } from '../../model/ids.ts';
import type { SerialRecord } from '../../model/serial.ts';
import { auditSerials } from '../../serial/audit.ts';
import { identityFault, reportedIdentity } from '../../serial/identity.ts';
import { standingOf } from '../../serial/ledger.ts';
import { wishesOf } from '../../serial/policy.ts';
import { previewMoves } from '../../serial/preview.ts';
import type { Store } from '../../store/store.ts';
import { foundServer, foundServerEvenDeleted } from '../compute/servers/found-server.ts';
import { type Ask, type Route, route } from '../route.ts';
import { changedView, previewView, recordView, sharedView } from './serial-view.ts';

const Params = Type.Object({ server_id: Type.String() });
const PreviewQuery = Type.Object({ host: Type.Optional(Type.String()) }, { additionalProperties: false });
/** Rows that are read at once for an audit. */
const PIECE = 1000;

async function serialOf(ask: Ask<{ server_id: string }>): Promise<object> {
  const server = await foundServerEvenDeleted(ask, ask.params.server_id);
  const records = await ask.parts.store.serials.of(server.id);
  const { current, pending } = standingOf(records, server.host);
  const viewing = { isAdmin: ask.caller.isAdmin, projectId: server.projectId };
  const { flavor = null, image = null } = wishesOf(server);
  return {
    serial: {
      server_id: server.id,
      wishes: { flavor, image },
      current: current && recordView(current, viewing),
      pending: pending && recordView(pending, viewing),
      history: records.map((record) => recordView(record, viewing)),
    },
  };
}

async function previewOf(ask: Ask<{ server_id: string }, { host?: string }>): Promise<object> {
  const { store } = ask.parts;
  const server = await foundServer(ask, ask.params.server_id);
  const { host: asked } = ask.query;
  const hosts = (await store.hosts.list()).filter(({ name }) => asked === undefined || name === asked);
  if (asked !== undefined && hosts.length === 0)
    throw new Failure('not-found', `Compute host ${asked} could not be found.`);
  const { current } = standingOf(await store.serials.of(server.id), server.host);
  const question = { serverId: server.id, wishes: wishesOf(server) };
  const viewing = { isAdmin: true, projectId: server.projectId };
  return {
    preview: {
      server_id: server.id,
      serial: current?.serial ?? null,
      hosts: previewMoves(question, hosts, current?.serial).map((move) => ({
        ...previewView(move, viewing),
        is_current_host: move.host === server.host,
      })),
    },
  };
}

async function aliveIds({ servers }: Store): Promise<Set<ServerId>> {
  const ids = new Set<ServerId>();
  for (let marker: ServerId | undefined; ; ) {
    const piece = await servers.listVersions({}, { limit: PIECE, ...(marker !== undefined && { marker }) });
    for (const { id } of piece) ids.add(id);
    marker = piece.at(-1)?.id;
    if (piece.length < PIECE) return ids;
  }
}

async function ledger({ serials }: Store): Promise<SerialRecord[]> {
  const records: SerialRecord[] = [];
  for (let after = 0; ; ) {
    const piece = await serials.list({ after, limit: PIECE });
    records.push(...piece.map(({ record }) => record));
    after = piece.at(-1)?.number ?? after;
    if (piece.length < PIECE) return records;
  }
}

async function audit({ parts: { store } }: Ask): Promise<object> {
  const { shared, changed } = auditSerials(await ledger(store), await aliveIds(store));
  const faults = (await store.hosts.list()).map((host) => ({
    host: host.name,
    why: identityFault(reportedIdentity(host)),
  }));
  return {
    audit: {
      shared_serials: shared.map(sharedView),
      changed_serials: changed.map(changedView),
      shared_identities: await store.hosts.sharedIdentities(),
      broken_identities: faults.filter(({ why }) => why !== undefined),
    },
  };
}

/** What Nameplate knows of serials: `docs/nameplate-api.md`. */
export const serialRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/servers/:server_id/serial',
    access: 'reader',
    policy: 'nameplate:servers:serial',
    summary:
      "Show a server's serial: why it has it, which ones it had, which one waits; a deleted server's too",
    schemas: { params: Params },
    status: 200,
    handle: serialOf,
  }),
  route({
    method: 'GET',
    path: '/servers/:server_id/serial/preview',
    access: 'admin',
    policy: 'nameplate:servers:serial:preview',
    summary: "Show what a move to each host, or to `host`, would do to a server's serial",
    schemas: { params: Params, query: PreviewQuery },
    status: 200,
    handle: previewOf,
  }),
  route({
    method: 'GET',
    path: '/serials/audit',
    access: 'admin',
    policy: 'nameplate:serials:audit',
    summary:
      'List servers that share a serial or have changed theirs, and hosts whose identities clash or are broken',
    status: 200,
    handle: audit,
  }),
];
