import type { HostName, ServerId } from '../../model/ids.ts';
import { pagesOf } from '../../model/pages.ts';
import { readInstead, recordedValues } from '../../model/recorded-values.ts';
import type { SerialRecord } from '../../model/serial.ts';
import type { Server } from '../../model/server.ts';
import { SharedValues } from '../../serial/identity-audit.ts';
import { type KnownIdentity, nextDefinition, type ValueChange } from '../../serial/next-definition.ts';
import { lastDecided } from '../../serial/serial-of-reading.ts';
import type { Queries } from '../../store/promise/store.ts';

/** Servers read at once. */
const PIECE = 500;

/** A server with what its guest is known by. */
interface AuditedIdentity extends KnownIdentity {
  readonly server: Server;
  readonly current: SerialRecord | null;
}

/** A guest that reads other values than were decided. */
interface DeviatingGuest {
  readonly server_id: ServerId;
  readonly host: HostName | null;
  readonly values: ReturnType<typeof deviation>[];
}

/** Values that the next hard boot of a server changes, or for which its host refuses it. */
interface PendingChanges {
  readonly server_id: ServerId;
  readonly host: HostName;
  readonly values: readonly ValueChange[];
}

type AuditedStore = Pick<Queries, 'servers' | 'ports' | 'serials' | 'hosts'>;

/** Of all servers: values that several guests read, guests that deviate, and what is pending. */
export async function auditIdentities(store: AuditedStore) {
  const hosts = new Map((await store.hosts.list()).map((host) => [host.name, host]));
  const shared = new SharedValues();
  const deviating: DeviatingGuest[] = [];
  const pending: PendingChanges[] = [];
  for await (const known of identities(store)) {
    const { id, host: name } = known.server;
    shared.add(known);
    const values = await deviationsOf(store, known);
    if (values.length > 0) deviating.push({ server_id: id, host: name, values });
    const host = name === null ? undefined : hosts.get(name);
    const changes = host === undefined ? [] : nextDefinition(known, host);
    if (host !== undefined && changes.length > 0)
      pending.push({ server_id: id, host: host.name, values: changes });
  }
  return { shared_values: sharedView(shared), deviating_guests: deviating, pending_changes: pending };
}

function sharedView(shared: SharedValues) {
  return shared.shared().map(({ value, text, servers }) => ({ value, text, servers }));
}

async function* identities(store: AuditedStore): AsyncGenerator<AuditedIdentity, void, undefined> {
  for await (const servers of pagesOf((page) => store.servers.list({}, page), PIECE)) {
    const ids = servers.map(({ id }) => id);
    const [ports, serials] = [await store.ports.ofServers(ids), await store.serials.standingsOf(ids)];
    for (const server of servers)
      yield { server, ports: ports.get(server.id) ?? [], current: serials.get(server.id)?.current ?? null };
  }
}

async function deviationsOf({ serials }: AuditedStore, { server, ports, current }: AuditedIdentity) {
  const recorded = recordedValues(server, ports);
  const found = Object.entries(readInstead(server, recorded)).map(([name, value]) =>
    deviation(name, value, { decided: recorded[name], at: server.reads?.since }),
  );
  if (current?.source !== 'outside') return found;
  const decided = lastDecided(await serials.of(server.id))?.serial;
  return [deviation('serial', current.serial, { decided, at: current.at }), ...found];
}

function deviation(
  name: string,
  value: string | null,
  { decided = null, at = 0 }: { decided: string | null | undefined; at: number | undefined },
) {
  return { name, value, decided, since: new Date(at).toISOString() };
}
