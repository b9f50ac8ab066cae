import { Type } from '../../model/schema.ts';
import type { Server } from '../../model/server.ts';
import { ledgerHeadOf } from '../../serial/ledger-entry.ts';
import { nextDefinition } from '../../serial/next-definition.ts';
import type { Queries } from '../../store/promise/store.ts';
import { foundServer } from '../compute/servers/found-server.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { hostsToPreview } from './hosts-to-preview.ts';
import { identityValues, type StoredIdentity } from './identity.ts';
import { auditIdentities } from './identity-audit.ts';
import { identityAuditShown, identityPreviewShown, identityShown } from './identity-shapes.ts';

const Params = Type.Object({ server_id: Type.String() });
const PreviewQuery = Type.Object({ host: Type.Optional(Type.String()) }, { additionalProperties: false });

/** What is stored of the values that a server's guest is known by. */
export async function storedIdentity(
  { serials, ports, hosts }: Pick<Queries, 'serials' | 'ports' | 'hosts'>,
  server: Server,
): Promise<StoredIdentity> {
  return {
    server,
    records: await serials.of(server.id),
    ports: (await ports.ofServers([server.id])).get(server.id) ?? [],
    host: server.host === null ? undefined : await hosts.find(server.host),
  };
}

/**
 * What a definition on each host would do to the values that a guest reads, from the hosts' last reports.
 * @param asked the name of one host; undefined: all
 * @throws {Failure} `not-found` for an unknown host
 */
export async function previewIdentity(store: Queries, server: Server, asked: string | undefined) {
  const { records, ports } = await storedIdentity(store, server);
  const known = { server, ports, current: ledgerHeadOf(records).current };
  const hosts = await hostsToPreview(store, asked);
  return hosts.map((host) => {
    const values = nextDefinition(known, host);
    const refuses = values.some(({ outcome }) => outcome === 'refuses');
    const outcome = refuses ? 'refuses' : values.length > 0 ? 'changes' : 'keeps';
    return { host: host.name, is_current_host: host.name === server.host, outcome, values };
  });
}

/** Routes for all values that guests are known by: `docs/nameplate-api.md`. */
export const identityRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/servers/:server_id/identity',
    access: 'reader',
    policy: 'nameplate:servers:identity',
    summary:
      "Show all values that a server's guest is known by: what decided each, since when, and what waits",
    schemas: { params: Params },
    status: 200,
    response: identityShown,
    async handle(context: RequestContext<{ server_id: string }>) {
      const server = await foundServer(context, context.params.server_id);
      const stored = await storedIdentity(context.parts.store, server);
      const values = identityValues(stored, context.caller.isAdmin);
      return { identity: { server_id: server.id, values } };
    },
  }),
  route({
    method: 'GET',
    path: '/servers/:server_id/identity/preview',
    access: 'admin',
    policy: 'nameplate:servers:identity:preview',
    summary:
      "Show what a move to each host, or to `host`, would do to the values that a server's guest is known by",
    schemas: { params: Params, query: PreviewQuery },
    status: 200,
    response: identityPreviewShown,
    async handle(context: RequestContext<{ server_id: string }, { host?: string }>) {
      const server = await foundServer(context, context.params.server_id);
      const hosts = await previewIdentity(context.parts.store, server, context.query.host);
      return { preview: { server_id: server.id, hosts } };
    },
  }),
  route({
    method: 'GET',
    path: '/identities/audit',
    access: 'admin',
    policy: 'nameplate:identities:audit',
    summary:
      'List values that several guests read, guests that read other values than decided, and what waits',
    status: 200,
    response: identityAuditShown,
    handle: async ({ parts: { store } }) => ({ audit: await auditIdentities(store) }),
  }),
];
