import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SimulatedGuest } from '../../src/hypervisor/simulated/guest-file.ts';
import type { ServerId } from '../../src/model/ids.ts';
import type { SerialRecord } from '../../src/model/serial.ts';
import type { Server } from '../../src/model/server.ts';
import { type Cloud, MACHINE_ID } from './cloud.ts';

export interface WholeServer {
  readonly server: Omit<Server, 'launchedAt' | 'terminatedAt'> & {
    launchedAt: boolean;
    terminatedAt: boolean;
  };
  readonly guest?: SimulatedGuest;
  readonly ledger: readonly Pick<SerialRecord, 'serial' | 'source' | 'operation'>[];
  /** Events of its actions that are not finished. */
  readonly underWay: number;
}

/** All that there is of a server, in store and on its host, without what differs from run to run: ids, times, generations. */
export async function wholeServer(cloud: Cloud, id: ServerId): Promise<WholeServer> {
  const { store } = cloud;
  const server = await cloud.server(id);
  const operations = (await store.actions.list(id, { limit: 100 })).map(({ events }) => events);
  const guest = await guestFile(cloud, id);
  const names = new Map<string, string>([
    [id, 'OWN'],
    [MACHINE_ID, 'HOST'],
  ]);
  const sets = [...new Set([server.diskSet, server.oldDiskSet])].filter(
    (set) => set !== null && set !== 'first',
  );
  for (const [index, set] of sets.entries()) names.set(set as string, `SET-${index}`);
  const times = { generation: 0, number: 0, reservationId: '', updatedAt: 0, createdAt: 0, launchedAt: 0 };
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
    ledger: (await store.serials.of(id)).map(({ serial, source, operation }) => ({
      serial,
      source,
      operation,
    })),
    underWay: operations.flat().filter(({ finishedAt }) => finishedAt === null).length,
  };
  let text = JSON.stringify(whole);
  for (const [name, word] of names) text = text.replaceAll(name, word);
  return JSON.parse(text) as WholeServer;
}

/** The simulated host's file of a guest; undefined when nothing is left of it. Its console is told as its boots. */
export async function guestFile(cloud: Cloud, id: ServerId): Promise<SimulatedGuest | undefined> {
  const text = await readFile(join(cloud.folder, 'instances', `${id}.json`), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  return JSON.parse(text) as SimulatedGuest;
}

/** Names of all files that the simulated host holds. */
export async function hostFiles(cloud: Cloud): Promise<string[]> {
  return readdir(join(cloud.folder, 'instances'));
}
