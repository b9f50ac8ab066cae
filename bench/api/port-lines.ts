import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cloud, connectTo } from './cloud.ts';
import type { Figure } from './figure.ts';
import type { Measured } from './lines.ts';
import { cpuOf } from './machine.ts';
import { startNameplate } from './nameplate.ts';
import { median, OneByOne } from './one-by-one.ts';
import { allBuilt, createJob, deleteBenchServers } from './servers.ts';
import { requireStatus, watchedLoad } from './watched.ts';

const CLIENTS = 16;
const TURNS = 5;
/** Creates of a turn. */
const COUNT = 100;
/** Pairs of a show and a list of ports. */
const READS = 1_000;

/**
 * What a port costs: creates with one beside creates without, and the list of a server's ports beside its
 * show; in turns, so that both meet the same machine.
 * @param connection of a PostgreSQL database; without it SQLite
 */
export async function portLines(on: string, connection?: string): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'nameplate-bench-'));
  try {
    const service = await startNameplate(folder, { connection });
    try {
      const measured = { cloud: await connectTo(service.login), pid: service.pid };
      return [...(await createLines(measured, on)), await readLine(measured.cloud, on)];
    } finally {
      await service.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Turn {
  readonly p50: number;
  /** Servers that became ACTIVE a second. */
  readonly perSecond: number;
  /** CPU microseconds of the service for one server, up to ACTIVE. */
  readonly cpu: number;
  readonly othersCores: number;
}

async function createLines(measured: Measured, on: string): Promise<Figure[]> {
  const turns: Record<'auto' | 'none', Turn[]> = { auto: [], none: [] };
  // The first turn warms up.
  for (let turn = 0; turn <= TURNS; turn++)
    for (const networks of turn % 2 === 0 ? (['auto', 'none'] as const) : (['none', 'auto'] as const)) {
      const made = await createTurn(measured, networks);
      if (turn > 0) turns[networks].push(made);
    }
  const middle = (networks: keyof typeof turns, of: (turn: Turn) => number) =>
    median(turns[networks].map(of).toSorted((a, b) => a - b));
  const rates = [middle('auto', (turn) => turn.perSecond), middle('none', (turn) => turn.perSecond)] as const;
  const times = [middle('auto', (turn) => turn.p50), middle('none', (turn) => turn.p50)] as const;
  const cpu = [middle('auto', (turn) => turn.cpu), middle('none', (turn) => turn.cpu)] as const;
  const othersCores = Math.max(...[...turns.auto, ...turns.none].map((turn) => turn.othersCores));
  return [
    {
      ...{ name: `POST /servers with a port, p50 beside without one, ${on}`, value: times[0] / times[1] },
      ...{ unit: '×', target: { atMost: 1.15 }, othersCores },
      note: `${times[0].toFixed(1)} ms, without ${times[1].toFixed(1)} ms, ${CLIENTS} clients`,
    },
    {
      ...{ name: `creates with a port a second, beside without one, ${on}`, value: rates[0] / rates[1] },
      ...{ unit: '×', target: { atLeast: 0.87 }, othersCores },
      note: `${Math.round(rates[0])}/s, without ${Math.round(rates[1])}/s; ${Math.round(cpu[0])} and ${Math.round(cpu[1])} µs CPU each`,
    },
  ];
}

/** Creates servers, waits until all are ACTIVE, and deletes them, so that each turn finds as many. */
async function createTurn({ cloud, pid }: Measured, networks: 'auto' | 'none'): Promise<Turn> {
  const cpuBefore = pid === undefined ? Number.NaN : await cpuOf(pid);
  const job = createJob(cloud, { count: COUNT, clients: CLIENTS, seconds: 60, networks });
  const load = await watchedLoad(job, pid);
  requireStatus(load, 202);
  await allBuilt(cloud, 120);
  const seconds = (performance.timeOrigin + performance.now() - load.beganAt) / 1000;
  const cpu = pid === undefined ? Number.NaN : (((await cpuOf(pid)) - cpuBefore) * 1e6) / load.answers;
  await deleteBenchServers(cloud);
  return { p50: load.p50, perSecond: load.answers / seconds, cpu, othersCores: load.othersCores };
}

async function readLine(cloud: Cloud, on: string): Promise<Figure> {
  const job = createJob(cloud, { count: 20, clients: 4, seconds: 60, networks: 'auto' });
  requireStatus(await watchedLoad(job, undefined), 202);
  await allBuilt(cloud, 120);
  const { servers } = await cloud.ask<{ servers: { id: string }[] }>('GET', '/servers?limit=20');
  const one = await OneByOne.on(cloud);
  const times: Record<'show' | 'ports', number[]> = { show: [], ports: [] };
  try {
    for (let run = 0; run < READS; run++) {
      const { id } = servers[run % servers.length]!;
      for (const [of, path] of [
        ['show', `/servers/${id}`],
        ['ports', `${cloud.network}/ports?device_id=${id}`],
      ] as const) {
        const began = performance.now();
        await one.ask('GET', path);
        if (run >= READS / 10) times[of].push(performance.now() - began);
      }
    }
  } finally {
    one.close();
  }
  const [show, ports] = [times.show, times.ports].map((list) => median(list.toSorted((a, b) => a - b)));
  return {
    ...{ name: `GET /ports?device_id=, p50 beside show of its server, ${on}`, value: ports! / show! },
    ...{ unit: '×', target: { atMost: 1 } },
    note: `${ports!.toFixed(2)} ms, show ${show!.toFixed(2)} ms`,
  };
}
