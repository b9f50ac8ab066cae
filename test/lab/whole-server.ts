import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lastGuest, type SimulatedGuest } from '../../src/hypervisor/simulated/guest-file.ts';
import type { HostName, ServerId } from '../../src/model/ids.ts';
import { diskSerialOf } from '../../src/model/machine-identity.ts';
import type { Migration } from '../../src/model/migration.ts';
import type { Port } from '../../src/model/network/port.ts';
import type { SerialRecord } from '../../src/model/serial.ts';
import type { Server } from '../../src/model/server.ts';
import type { Cloud } from './cloud.ts';
import { HOST, MACHINE_ID } from './cloud-host.ts';

export interface WholeServer {
  readonly server: Omit<Server, 'launchedAt' | 'terminatedAt'> & {
    launchedAt: boolean;
    terminatedAt: boolean;
  };
  /** As its host has it. */
  readonly guest?: SimulatedGuest;
  /** What other hosts hold of it. */
  readonly elsewhere: Readonly<Record<HostName, SimulatedGuest>>;
  readonly ledger: readonly Pick<SerialRecord, 'serial' | 'source' | 'operation'>[];
  readonly migrations: readonly Pick<Migration, 'type' | 'status' | 'sourceHost' | 'destHost'>[];
  /** Its ports, and ports that nothing uses. */
  readonly ports: readonly (Pick<Port, 'status' | 'host' | 'index'> & { readonly addresses: number })[];
  /** For how many of its ports each host holds something. */
  readonly plugged: Readonly<Record<HostName, number>>;
  /** Events of its actions that are not finished. */
  readonly underWay: number;
}

/**
 * All that there is of a server, in store and on its host, without what differs from run to run: ids, times,
 * generations.
 */
export async function wholeServer(
  cloud: Pick<Cloud, 'store' | 'hosts' | 'server'>,
  id: ServerId,
): Promise<WholeServer> {
  const { store } = cloud;
  const server = await cloud.server(id);
  const operations = (await store.actions.list(id, { limit: 100 })).map(({ events }) => events);
  const at = server.host ?? HOST;
  const guest = await guestFile(cloud, id, at);
  const elsewhere: Record<HostName, SimulatedGuest> = {};
  for (const host of cloud.hosts.keys()) {
    const there = host === at ? undefined : await guestFile(cloud, id, host);
    if (there !== undefined && isHeld(there)) elsewhere[host] = there;
  }
  const names = new Map<string, string>([
    [id, 'OWN'],
    [diskSerialOf(id, 'root'), 'OWN-root'],
    [MACHINE_ID, 'HOST'],
  ]);
  const sets = [...new Set([server.diskSet, server.oldDiskSet])].filter(
    (set) => set !== null && set !== 'first',
  );
  for (const [index, set] of sets.entries()) names.set(set as string, `SET-${index}`);
  const times = {
    ...{ generation: 0, number: 0, reservationId: '', updatedAt: 0, createdAt: 0, launchedAt: 0 },
    machineTimes: null,
  };
  const whole = {
    server: {
      ...{
        ...server,
        ...times,
        launchedAt: server.launchedAt !== null,
        terminatedAt: server.terminatedAt !== null,
      },
      fault: server.fault && { ...server.fault, createdAt: 0 },
    },
    guest,
    elsewhere,
    ledger: (await store.serials.of(id)).map(({ serial, source, operation }) => ({
      serial,
      source,
      operation,
    })),
    migrations: (await store.migrations.list({ serverId: id }, { limit: 100 })).map(
      ({ type, status, sourceHost, destHost }) => ({ type, status, sourceHost, destHost }),
    ),
    ports: (await store.ports.list({ deviceIds: [id, ''] }, { limit: 100 }))
      .map(({ status, host, index, fixedIps }) => ({ status, host, index, addresses: fixedIps.length }))
      .sort((one, other) => (one.index ?? -1) - (other.index ?? -1)),
    plugged: await pluggedOf(cloud, id),
    underWay: operations.flat().filter(({ finishedAt }) => finishedAt === null).length,
  };
  let text = JSON.stringify(whole);
  for (const [name, word] of names) text = text.replaceAll(name, word);
  return JSON.parse(text.replaceAll(MAC, 'MAC')) as WholeServer;
}

/** Generated MAC addresses. */
const MAC = /fa:16:3e(?::[0-9a-f]{2}){3}/g;

type Hosts = Pick<Cloud, 'hosts'>;

/** Whether there is anything of a guest but its file. */
export function isHeld({ definition, live, kept, disks }: SimulatedGuest): boolean {
  return definition !== null || live !== null || Object.keys({ ...kept, ...disks }).length > 0;
}

async function pluggedOf({ hosts }: Hosts, id: ServerId): Promise<Record<HostName, number>> {
  const plugged: Record<HostName, number> = {};
  for (const { name, networks } of hosts.values()) {
    const count = (await networks.ports()).filter(({ server }) => server === id).length;
    if (count > 0) plugged[name] = count;
  }
  return plugged;
}

/** What is left of a deleted server's ports, in the store and on hosts, as a sentence each. */
export async function portsLeft(cloud: Pick<Cloud, 'store' | 'hosts'>, id: ServerId): Promise<string[]> {
  const rows = await cloud.store.ports.list({ deviceIds: [id, ''] }, { limit: 100 });
  const plugged = Object.entries(await pluggedOf(cloud, id));
  return [
    ...rows.map((port) => `the store has port ${port.id} of '${port.deviceId}'`),
    ...plugged.map(([host, count]) => `${host} holds ${count} of its ports`),
  ];
}

/** What the hosts hold of a server. */
export async function heldOf(cloud: Hosts, id: ServerId): Promise<SimulatedGuest[]> {
  const all = await Promise.all([...cloud.hosts.keys()].map((host) => guestFile(cloud, id, host)));
  return all.filter((guest) => guest !== undefined && isHeld(guest)) as SimulatedGuest[];
}

/**
 * A simulated host's file of a guest; undefined when nothing is left of it. Its console is told as its boots.
 */
export async function guestFile(
  cloud: Hosts,
  id: ServerId,
  host: HostName = HOST,
): Promise<SimulatedGuest | undefined> {
  const folder = cloud.hosts.get(host)?.folder;
  if (folder === undefined) throw new Error(`there is no host ${host}`);
  const text = await readFile(join(folder, `${id}.json`), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  return lastGuest(text);
}

/** Names of all files that the simulated hosts hold. */
export async function hostFiles(cloud: Cloud): Promise<string[]> {
  const all = await Promise.all([...cloud.hosts.values()].map(({ folder }) => readdir(folder)));
  return all.flat();
}
