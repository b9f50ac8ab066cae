import { Type } from 'typebox';
import { Failure } from '../../model/failure.ts';
import type { ComputeHost } from '../../model/host.ts';
import type { HostName, ServerId } from '../../model/ids.ts';
import type { SerialRecord } from '../../model/serial.ts';
import type { Server } from '../../model/server.ts';
import { auditSerials, currentSerials } from '../../serial/audit.ts';
import { doubtfulIdentity } from '../../serial/doubtful-identity.ts';
import { identityFault, reportedIdentity } from '../../serial/identity.ts';
import { standingOf } from '../../serial/ledger.ts';
import { decideFor } from '../../serial/next-boot.ts';
import { sayOwnSerialObstacle } from '../../serial/own-serial.ts';
import { pendingOf } from '../../serial/pending.ts';
import { wishesOf } from '../../serial/policy.ts';
import { previewMoves } from '../../serial/preview.ts';
import type { Store } from '../../store/store.ts';
import { foundServer, foundServerEvenDeleted } from '../compute/servers/found-server.ts';
import { type Ask, type Route, route } from '../route.ts';
import { changedView, pendingView, previewView, recordView, sharedView } from './serial-view.ts';

const Params = Type.Object({ server_id: Type.String() });
const PreviewQuery = Type.Object({ host: Type.Optional(Type.String()) }, { additionalProperties: false });
/** Rows that are read at once for an audit. */
const PIECE = 1000;

/** What an audit keeps of each server. */
type AuditedServer = Pick<Server, 'id' | 'projectId' | 'host' | 'flavor' | 'image'>;

async function serialOf(ask: Ask<{ server_id: string }>): Promise<object> {
  const server = await foundServerEvenDeleted(ask, ask.params.server_id);
  const records = await ask.parts.store.serials.of(server.id);
  const { current } = standingOf(records);
  const host = server.host === null ? undefined : await ask.parts.store.hosts.find(server.host);
  const pending = host === undefined ? null : pendingOf(current, decideFor(server, host));
  const viewing = { isAdmin: ask.caller.isAdmin, projectId: server.projectId };
  const { flavor = null, image = null } = wishesOf(server);
  return {
    serial: {
      server_id: server.id,
      wishes: { flavor, image },
      current: current && recordView(current, viewing),
      pending: pending && pendingView(pending, viewing),
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
  const { current } = standingOf(await store.serials.of(server.id));
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

async function alive({ servers }: Store): Promise<Map<ServerId, AuditedServer>> {
  const found = new Map<ServerId, AuditedServer>();
  for (let marker: ServerId | undefined; ; ) {
    const piece = await servers.list({}, { limit: PIECE, ...(marker !== undefined && { marker }) });
    for (const { id, projectId, host, flavor, image } of piece)
      found.set(id, { id, projectId, host, flavor, image });
    marker = piece.at(-1)?.id;
    if (piece.length < PIECE) return found;
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

/** Servers whose next hard boot would change their serial, or be refused. */
function auditPending(
  servers: Iterable<AuditedServer>,
  hosts: ReadonlyMap<HostName, ComputeHost>,
  current: ReadonlyMap<ServerId, SerialRecord>,
): object[] {
  const pending: object[] = [];
  for (const server of servers) {
    const host = server.host === null ? undefined : hosts.get(server.host);
    const has = current.get(server.id);
    if (host === undefined || has === undefined) continue;
    const waits = pendingOf(has, decideFor(server, host));
    if (waits === null) continue;
    const viewing = { isAdmin: true, projectId: server.projectId };
    pending.push({ server_id: server.id, now: has.serial, ...pendingView(waits, viewing) });
  }
  return pending;
}

async function audit({ parts: { store } }: Ask): Promise<object> {
  const servers = await alive(store);
  const records = await ledger(store);
  const { shared, changed } = auditSerials(records, new Set(servers.keys()));
  const current = currentSerials(records);
  const hosts = await store.hosts.list();
  const named = (sayWhy: (host: ComputeHost) => string | undefined) =>
    hosts.flatMap((host) => {
      const why = sayWhy(host);
      return why === undefined ? [] : [{ host: host.name, why }];
    });
  return {
    audit: {
      shared_serials: shared.map(sharedView),
      changed_serials: changed.map(changedView),
      shared_identities: await store.hosts.sharedIdentities(),
      pending_serials: auditPending(
        servers.values(),
        new Map(hosts.map((host) => [host.name, host])),
        current,
      ),
      broken_identities: named((host) => identityFault(reportedIdentity(host))),
      doubtful_identities: named((host) => doubtfulIdentity(reportedIdentity(host))),
      hosts_without_own_serials: named(sayOwnSerialObstacle),
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
