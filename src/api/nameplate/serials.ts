import { previewCpu } from '../../model/guest-cpu.ts';
import { Type } from '../../model/schema.ts';
import { ineffectiveNames } from '../../serial/ineffective-names.ts';
import { ledgerHeadOf } from '../../serial/ledger-entry.ts';
import { decideNextBoot } from '../../serial/next-boot.ts';
import { pendingOf } from '../../serial/pending.ts';
import { serialPolicyOf } from '../../serial/policy.ts';
import { previewMoves } from '../../serial/preview.ts';
import { foundServer, foundServerEvenDeleted } from '../compute/servers/found-server.ts';
import { type RequestContext, type Route, route } from '../http/route.ts';
import { audit } from './audit.ts';
import { hostsToPreview } from './hosts-to-preview.ts';
import { ineffectiveView, pendingView, previewView, recordView } from './serial-view.ts';
import { auditShown, previewShown, serialShown } from './shapes.ts';

const Params = Type.Object({ server_id: Type.String() });
const PreviewQuery = Type.Object({ host: Type.Optional(Type.String()) }, { additionalProperties: false });

async function serialOf(context: RequestContext<{ server_id: string }>): Promise<object> {
  const server = await foundServerEvenDeleted(context, context.params.server_id);
  const records = await context.parts.store.serials.of(server.id);
  const { current } = ledgerHeadOf(records);
  const host = server.host === null ? undefined : await context.parts.store.hosts.find(server.host);
  const pending = host === undefined ? null : pendingOf(current, decideNextBoot(server, host));
  const viewing = { isAdmin: context.caller.isAdmin, projectId: server.projectId };
  const { flavor = null, image = null } = serialPolicyOf(server);
  const policy = { flavor, image };
  return {
    serial: {
      server_id: server.id,
      policy,
      // The key of release 0.1, kept for one more release.
      wishes: policy,
      current: current && recordView(current, viewing),
      pending: pending && pendingView(pending, viewing),
      ...ineffectiveView(ineffectiveNames(server)),
      history: records.map((record) => recordView(record, viewing)),
    },
  };
}

async function previewOf(context: RequestContext<{ server_id: string }, { host?: string }>): Promise<object> {
  const { store } = context.parts;
  const server = await foundServer(context, context.params.server_id);
  const hosts = await hostsToPreview(store, context.query.host);
  const { current } = ledgerHeadOf(await store.serials.of(server.id));
  const input = { serverId: server.id, policy: serialPolicyOf(server) };
  const viewing = { isAdmin: true, projectId: server.projectId };
  const cpus = new Map(hosts.map(({ name, guestCpu }) => [name, previewCpu(server.machine?.cpu, guestCpu)]));
  return {
    preview: {
      server_id: server.id,
      serial: current?.serial ?? null,
      ...ineffectiveView(ineffectiveNames(server)),
      hosts: previewMoves(input, hosts, current?.serial).map((move) => ({
        ...previewView(move, viewing),
        is_current_host: move.host === server.host,
        cpu: cpus.get(move.host),
      })),
    },
  };
}

/** Routes for serials: `docs/nameplate-api.md`. */
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
    response: serialShown,
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
    response: previewShown,
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
    response: auditShown,
    handle: audit,
  }),
];
