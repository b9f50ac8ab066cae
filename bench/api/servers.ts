import { setTimeout as wait } from 'node:timers/promises';
import type { Cloud } from './cloud.ts';
import type { LoadJob } from './load.ts';
import { OneByOne, timed } from './one-by-one.ts';

/** Names of the servers that a bench makes begin so; what is deleted afterwards is found by it. */
const PREFIX = 'bench-';

interface Brief {
  readonly id: string;
  readonly name: string;
}

/** `auto`: a server has a port. */
export type Networks = 'auto' | 'none';

/** The body of a request for one server. */
export function serverBody(cloud: Cloud, name: string, networks: Networks = 'none'): object {
  return { server: { name: `${PREFIX}${name}`, flavorRef: cloud.flavor, imageRef: cloud.image, networks } };
}

/** A load of creates. */
export function createJob(
  cloud: Cloud,
  { networks, ...of }: { count: number; clients: number; seconds: number; networks?: Networks },
): LoadJob {
  const url = `${cloud.compute}/servers`;
  const requests = Array.from({ length: of.count }, (_, n) => ({
    method: 'POST',
    url,
    headers: cloud.headers,
    body: JSON.stringify(serverBody(cloud, `many-${n}`, networks)),
  }));
  return { requests, ...of, warmUp: 0 };
}

/**
 * Resolves when none of the bench's servers is being built any more. @throws {Error} after so many seconds,
 * or when one is in ERROR
 */
export async function allBuilt(cloud: Cloud, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  const some = async (status: string) =>
    (await cloud.ask<{ servers: Brief[] }>('GET', `/servers?limit=1&name=^${PREFIX}&status=${status}`))
      .servers[0];
  for (;;) {
    const asked = performance.now();
    if ((await some('BUILD')) === undefined) break;
    if (performance.now() > end) throw new Error(`servers are still being built after ${seconds} s`);
    await pause({ since: asked, least: 5 });
  }
  const failed = await some('ERROR');
  if (failed !== undefined) throw new Error(`server ${failed.id} is in ERROR`);
}

/** Ids of all servers, page by page. */
export async function allServers(cloud: Cloud): Promise<string[]> {
  const ids: string[] = [];
  for (let marker = ''; ; marker = `&marker=${ids.at(-1)}`) {
    const { servers } = await cloud.ask<{ servers: Brief[] }>('GET', `/servers?limit=1000${marker}`);
    ids.push(...servers.map(({ id }) => id));
    if (servers.length < 1000) return ids;
  }
}

/** Deletes the servers that the bench made. Resolves when they are gone. */
export async function deleteBenchServers(cloud: Cloud): Promise<void> {
  const made = async () => (await cloud.ask<{ servers: Brief[] }>('GET', `/servers?name=^${PREFIX}`)).servers;
  for (const { id } of await made()) await cloud.ask('DELETE', `/servers/${id}`);
  for (let asked = performance.now(); (await made()).length > 0; asked = performance.now())
    await pause({ since: asked, least: 5 });
}

/** Milliseconds from a request for one server to its ACTIVE, one after the other, sorted. */
export async function createdAlone(cloud: Cloud, most: { seconds: number; runs: number }): Promise<number[]> {
  const one = await OneByOne.on(cloud);
  try {
    return await timed(most, async (run) => {
      const made = await one.ask<{ server: Brief }>('POST', '/servers', serverBody(cloud, `alone-${run}`));
      for (;;) {
        const asked = performance.now();
        const { server } = await one.ask<{ server: { status: string } }>('GET', `/servers/${made.server.id}`);
        if (server.status === 'ACTIVE') return;
        if (server.status === 'ERROR') throw new Error(`server ${made.server.id} is in ERROR`);
        await pause({ since: asked, least: 1 });
      }
    });
  } finally {
    one.close();
  }
}

/**
 * Lets the cloud get on with it: a poll in a closed loop would take a core. It waits three times as long as
 * the poll took, so that a slow cloud is not slowed by being asked.
 */
function pause({ since, least }: { since: number; least: number }): Promise<void> {
  return wait(Math.max(least, 3 * (performance.now() - since)));
}
