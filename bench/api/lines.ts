import { startBareServer } from './bare-http.ts';
import type { Cloud } from './cloud.ts';
import type { Figure } from './figure.ts';
import type { LoadJob } from './load.ts';
import { median, OneByOne, timed } from './one-by-one.ts';
import { allBuilt, createdAlone, createJob } from './servers.ts';
import { capacityNote, requireStatus, type WatchedLoad, watchedLoad, whileWatched } from './watched.ts';

/** A cloud under measurement; the process when it is on this machine and one. */
export interface Measured {
  readonly cloud: Cloud;
  readonly pid?: number;
}

const CLIENTS = 16;
const PAGE = '/servers/detail?limit=50';

function job(cloud: Cloud, paths: readonly string[], seconds: number): LoadJob {
  const requests = paths.map((path) => ({
    method: 'GET',
    url: `${cloud.compute}${path}`,
    headers: cloud.headers,
  }));
  return { requests, clients: CLIENTS, seconds, warmUp: 1.5 };
}

function rate(name: string, load: WatchedLoad, target?: Figure['target']): Figure {
  return {
    name,
    value: load.perSecond,
    unit: '/s',
    note: capacityNote(load),
    othersCores: load.othersCores,
    ...(target && { target }),
  };
}

/** `GET /servers/detail?limit=50`: rate and p99 at 16 clients. */
export async function listLines({ cloud, pid }: Measured): Promise<Figure[]> {
  const load = await watchedLoad(job(cloud, [PAGE], 4), pid);
  requireStatus(load, 200);
  const { othersCores } = load;
  return [
    rate('list of 50 servers', load, { atLeast: 2000 }),
    { name: 'list of 50 servers, p99', value: load.p99, unit: 'ms', target: { atMost: 20 }, othersCores },
  ];
}

/**
 * The same bytes from memory by `node:http` alone, and what part of that the list reaches: in turns, so that
 * both meet the same machine.
 */
export async function bareLines({ cloud, pid }: Measured): Promise<Figure[]> {
  const answer = await fetch(`${cloud.compute}${PAGE}`, { headers: cloud.headers });
  const body = await answer.text();
  const bare = await startBareServer({ headers: ownHeaders(answer.headers), body });
  try {
    const requests = [{ method: 'GET', url: bare.url, headers: cloud.headers }];
    const alone = () => watchedLoad({ requests, clients: CLIENTS, seconds: 1.5, warmUp: 0.5 }, bare.pid);
    const list = () => watchedLoad({ ...job(cloud, [PAGE], 1.5), warmUp: 0.5 }, pid);
    const turns: [WatchedLoad, WatchedLoad][] = [];
    for (let turn = 0; turn < 3; turn++) turns.push([await list(), await alone()]);
    for (const load of turns.flat()) requireStatus(load, 200);
    const sum = (which: 0 | 1) => turns.reduce((total, turn) => total + turn[which].perSecond, 0);
    const best = turns.map(([, load]) => load).toSorted((a, b) => b.perSecond - a.perSecond)[0]!;
    const { note, ...figure } = rate('the same bytes by node:http alone', best);
    const part = { value: (sum(0) / sum(1)) * 100, unit: '%', target: { atLeast: 50 } };
    return [
      { ...figure, note: `${Math.round(Buffer.byteLength(body) / 1024)} KiB each; ${note}` },
      { name: 'list, as a part of node:http alone', ...part, othersCores: best.othersCores },
    ];
  } finally {
    bare.stop();
  }
}

/** The headers that a service sets itself: `node:http` adds the others again. */
function ownHeaders(headers: Headers): Record<string, string> {
  const added = ['connection', 'keep-alive', 'date', 'transfer-encoding', 'content-length'];
  return Object.fromEntries([...headers].filter(([name]) => !added.includes(name)));
}

/** A list right after each write: what it costs when nothing can have been kept. */
export async function listAfterWriteLine({ cloud }: Measured, server: string): Promise<Figure> {
  const one = await OneByOne.on(cloud);
  try {
    const times = await timed(
      { seconds: 4, runs: 500 },
      () => one.ask('GET', PAGE),
      (run) => one.ask('POST', `/servers/${server}/metadata`, { metadata: { bench: String(run) } }),
    );
    return { name: 'list right after a write, p50 alone', value: median(times), unit: 'ms' };
  } finally {
    one.close();
  }
}

/** `GET /servers/{id}`, over all of them in turn. */
export async function showLine({ cloud, pid }: Measured, ids: readonly string[]): Promise<Figure> {
  const paths = ids.map((id) => `/servers/${id}`);
  const load = await watchedLoad(job(cloud, paths, 4), pid);
  requireStatus(load, 200);
  return rate('show of a server', load, { atLeast: 6000 });
}

/** `POST /auth/tokens` with a password. */
export async function tokenLine({ cloud, pid }: Measured): Promise<Figure> {
  const requests = [
    { method: 'POST', url: `${cloud.authUrl}/auth/tokens`, headers: {}, body: cloud.tokenBody },
  ];
  const load = await watchedLoad({ requests, clients: CLIENTS, seconds: 4, warmUp: 0.5 }, pid);
  requireStatus(load, 201);
  return rate('token by password', load);
}

/** Creates from 16 clients at once, until every server is ACTIVE. */
export async function createManyLine({ cloud, pid }: Measured, count: number): Promise<Figure> {
  const load = await watchedLoad(createJob(cloud, { count, clients: CLIENTS, seconds: 8 }), pid);
  requireStatus(load, 202);
  await allBuilt(cloud, 600);
  const seconds = (performance.timeOrigin + performance.now() - load.beganAt) / 1000;
  return {
    name: 'create to ACTIVE, sustained',
    value: load.answers / seconds,
    unit: '/s',
    target: { atLeast: 200 },
    note: `${load.answers} servers in ${seconds.toFixed(1)} s`,
    othersCores: load.othersCores,
  };
}

/** One create at a time. */
export async function createAloneLine({ cloud, pid }: Measured): Promise<Figure> {
  const { result: times, othersCores } = await whileWatched(pid, () =>
    createdAlone(cloud, { seconds: 8, runs: 200 }),
  );
  return {
    name: 'create to ACTIVE, p50 alone',
    value: median(times),
    unit: 'ms',
    target: { atMost: 10 },
    note: `${times.length} servers`,
    othersCores,
  };
}
