import { setTimeout as wait } from 'node:timers/promises';
import type { Cloud } from '../api/cloud.ts';
import { OneByOne } from '../api/one-by-one.ts';
import { serverBody } from '../api/servers.ts';

/** What came of creates that are sent at a steady pace, however long the cloud takes. */
export interface PacedCreates {
  readonly sent: number;
  readonly failed: number;
  /** Servers that became ACTIVE a second, from the first to the last of them. */
  readonly perSecond: number;
  /** Milliseconds from the request to ACTIVE, as the server's own `launched_at` has it; sorted. */
  readonly times: readonly number[];
  /** Milliseconds from the last request to the last ACTIVE. */
  readonly tail: number;
}

export interface Pace {
  readonly perSecond: number;
  readonly seconds: number;
  /**
   * Runs a statement on the cloud's database: asked there whether servers are ACTIVE, the API is not kept
   * busy with the question.
   */
  readonly query: (sql: string) => Promise<string[]>;
}

const PREFIX = 'paced';
const LOOK_MS = 500;
/** Milliseconds after the last request after which a server that is still being built counts as failed. */
const LONGEST_MS = 20_000;

/** Sends so many creates a second for so many seconds, and waits until the servers are ACTIVE. */
export async function pacedCreates(cloud: Cloud, { perSecond, seconds, query }: Pace): Promise<PacedCreates> {
  const idle: OneByOne[] = [];
  const all: OneByOne[] = [];
  const asked = new Map<string, number>();
  const create = async (n: number) => {
    const at = Date.now();
    const one = idle.pop() ?? (await OneByOne.on(cloud));
    if (!all.includes(one)) all.push(one);
    const body = serverBody(cloud, `${PREFIX}-${n}`);
    const { server } = await one.ask<{ server: { id: string } }>('POST', '/servers', body);
    asked.set(server.id, at);
    idle.push(one);
  };
  const sent = Math.round(perSecond * seconds);
  const requests: Promise<void>[] = [];
  const begun = performance.now();
  for (let n = 0; n < sent; n++) {
    const early = begun + (n * 1000) / perSecond - performance.now();
    if (early > 0) await wait(early);
    requests.push(create(n).catch((error: Error) => void process.stderr.write(`${error.message}\n`)));
  }
  const lastSent = Date.now();
  await Promise.all(requests);
  for (const one of all) one.close();
  const active = await launchedOf(query, { prefix: PREFIX, count: asked.size, since: lastSent });
  const ends = [...active.values()].toSorted((a, b) => a - b);
  const [first = Number.NaN, last = Number.NaN] = [ends[0], ends.at(-1)];
  return {
    ...{ sent, failed: sent - active.size, tail: last - lastSent },
    perSecond: ((ends.length - 1) * 1000) / (last - first),
    times: [...active].map(([id, at]) => at - asked.get(id)!).toSorted((a, b) => a - b),
  };
}

/**
 * Servers of that prefix → when each became ACTIVE, once as many are as are waited for, or it is too late.
 * Epoch milliseconds.
 * @param wanted.since when the last of them was asked for
 */
export async function launchedOf(
  query: Pace['query'],
  wanted: { readonly prefix: string; readonly count: number; readonly since: number },
): Promise<Map<string, number>> {
  for (;;) {
    const rows = await query(
      `select id, launched_at from servers where name like 'bench-${wanted.prefix}-%' and vm_state = 'active'`,
    );
    if (rows.length >= wanted.count || Date.now() > wanted.since + LONGEST_MS)
      return new Map(
        rows.map((row) => row.split('|') as [string, string]).map(([id, at]) => [id, Number(at)]),
      );
    await wait(LOOK_MS);
  }
}
