import type { ServerId } from '../../src/model/ids.ts';
import { type WholeServer, wholeServer } from '../lab/whole-server.ts';
import type { ReleaseCloud } from './release-cloud.ts';

/**
 * What servers that a release made have no value of: snapshots are kept as they were taken. By release, then
 * where in the server, then which.
 */
const UNKNOWN_TO: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  '0.1.0': {
    ...{ flavor: ['record'], oldFlavor: ['record'], destFlavor: ['record'] },
    image: ['hashValue'],
  },
};

/** What neither servers nor guest files of a release have. */
const ABSENT_IN: Readonly<Record<string, readonly string[]>> = {
  '0.1.0': ['machine', 'onlyPorts', 'ports', 'macs', 'cpu'],
};

/** An end without what servers of that release cannot have. */
export function asKnownTo(release: string, { server, ...rest }: WholeServer): unknown {
  const known: Record<string, unknown> = { ...server };
  for (const [place, fields] of Object.entries(UNKNOWN_TO[release] ?? {}))
    for (const field of fields) known[place] = without(field, known[place]);
  const absent = ABSENT_IN[release] ?? [];
  const text = JSON.stringify({ ...rest, server: known }, (key, value) =>
    absent.includes(key) ? undefined : value,
  );
  return JSON.parse(text);
}

function without(field: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== field));
}

/**
 * All that there is of a server in store and on hosts, fit to be compared between two clouds: {@link
 * wholeServer}, and without the ids that each cloud gives to its project, user, images and flavors.
 */
export async function endOfServer({ store, hosts }: ReleaseCloud, id: ServerId): Promise<WholeServer> {
  const found = await store.servers.find(id);
  if (found === undefined) throw new Error(`server ${id} is not in the store`);
  const whole = await wholeServer({ store, hosts, server: async () => found }, id);
  const names: Readonly<Record<string, string | undefined>> = {
    PROJECT: found.projectId,
    USER: found.userId,
    IMAGE: found.image.id,
    FLAVOR: found.flavor.record,
    'OLD FLAVOR': found.oldFlavor?.record,
  };
  let text = JSON.stringify(whole);
  for (const [name, id] of Object.entries(names)) if (id !== undefined) text = text.replaceAll(id, name);
  return JSON.parse(text) as WholeServer;
}
