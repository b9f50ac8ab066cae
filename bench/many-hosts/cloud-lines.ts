import { setTimeout as wait } from 'node:timers/promises';
import type { Cloud } from '../api/cloud.ts';
import type { Figure } from '../api/figure.ts';
import { median, OneByOne, timed } from '../api/one-by-one.ts';
import { orUnmeasured } from '../api/or-unmeasured.ts';
import type { Agents } from './agents.ts';
import { besideOthers } from './others.ts';
import { pacedCreates } from './paced-creates.ts';
import { replicaLines } from './replica-lines.ts';
import { seedServers } from './seed.ts';
import { REPORT_INTERVAL_MS, type SimulatedCloud, startSimulatedCloud } from './simulated-cloud.ts';
import { unpacedCreates } from './unpaced-creates.ts';
import { withLab } from './with-lab.ts';

const FEW_SERVERS = 1_000;
/** How much slower a page may be than among few servers. */
const FLAT = 1.5;
const CREATES = 50;
/** Of the creates without a pace. */
const CLIENTS = 32;

export interface CloudOptions {
  readonly hosts: number;
  readonly servers: number;
  readonly say: (what: string) => void;
}

/**
 * A cloud of simulated hosts over real PostgreSQL and NATS: lists, heartbeats, creates, and what a second
 * replica adds.
 */
export async function cloudLines(options: CloudOptions): Promise<Figure[]> {
  const { say } = options;
  say('starting PostgreSQL, NATS and a replica');
  return withLab(startSimulatedCloud(options.hosts), async (lab) => {
    const { part, cloud } = await lab.serve('replica1');
    const line = (name: string, measure: () => Promise<Figure[]>) =>
      orUnmeasured(name, () => besideOthers(measure));
    const lists = await line('list pages', () => listLines(lab, cloud, options));
    const hosts = await line('heartbeats and creates', () => hostLines(lab, { cloud, options, line }));
    say('reads of one replica and of two');
    const replicas = await line('reads of one replica and of two', () =>
      replicaLines(
        { cloud, part },
        { postgres: lab.postgres, startAnother: async () => (await lab.serve('replica2')).part },
      ),
    );
    return [...hosts, ...lists, ...replicas];
  });
}

/** Measures one line of the table, or says in its place why it could not be measured. */
type Line = (name: string, measure: () => Promise<Figure[]>) => Promise<readonly Figure[]>;

async function hostLines(
  lab: SimulatedCloud,
  {
    cloud,
    options: { hosts, say },
    line,
  }: { readonly cloud: Cloud; readonly options: CloudOptions; readonly line: Line },
): Promise<Figure[]> {
  say(`starting ${hosts} agents, each with credentials of its own`);
  const agents = await lab.startAgents();
  try {
    say('heartbeats');
    const heartbeats = await line('heartbeats', () => heartbeatLines(agents, hosts));
    say(`${CREATES} creates a second`);
    const query = (text: string) => lab.postgres.query(text, lab.database);
    const made = await line('creates at a pace', () => createLines(cloud, { hosts, query }));
    say(`creates from ${CLIENTS} clients, without a pace`);
    const most = await line('creates without a pace', () => unpacedLines(cloud, { hosts, query }));
    return [...heartbeats, ...made, ...most];
  } finally {
    await agents.end();
  }
}

async function heartbeatLines(agents: Agents, hosts: number): Promise<Figure[]> {
  await agents.heartbeats();
  const seconds = REPORT_INTERVAL_MS / 1000;
  await wait(REPORT_INTERVAL_MS);
  const steady = await agents.heartbeats();
  const flooded = await agents.flood(3);
  const needed = hosts / (REPORT_INTERVAL_MS / 1000);
  const at = (waits: readonly number[], part: number) => waits[Math.floor(waits.length * part)] ?? Number.NaN;
  return [
    {
      name: 'heartbeats that can be taken in',
      value: flooded.waits.length / 3,
      unit: '/s',
      target: { atLeast: needed },
      note: `${hosts} hosts, one every ${seconds} s, need ${needed}/s; ${flooded.failed} gave way to a newer one of their host`,
    },
    {
      name: `heartbeats of ${hosts} hosts: lag, p50`,
      value: at(steady.waits, 0.5),
      unit: 'ms',
      note: `p99 ${at(steady.waits, 0.99).toFixed(1)} ms until it is in the store; ${(steady.waits.length / seconds).toFixed(0)}/s, ${steady.failed} not taken in`,
    },
  ];
}

async function createLines(
  cloud: Cloud,
  { hosts, query }: { readonly hosts: number; readonly query: (sql: string) => Promise<string[]> },
): Promise<Figure[]> {
  const made = await pacedCreates(cloud, { perSecond: CREATES, seconds: 15, query });
  const p99 = made.times[Math.floor(made.times.length * 0.99)] ?? Number.NaN;
  const failed = made.failed === 0 ? '' : `, ${made.failed} were not ACTIVE 20 s later`;
  return [
    {
      name: `creates to ACTIVE on ${hosts} hosts, sustained`,
      value: Math.round(made.perSecond),
      unit: '/s',
      target: { atLeast: CREATES },
      note: `${made.sent} asked for, ${CREATES}/s for 15 s${failed}; the last one ACTIVE ${made.tail.toFixed(0)} ms after it was asked for`,
    },
    {
      name: 'create to ACTIVE at that pace, p50',
      value: median(made.times),
      unit: 'ms',
      note: `p99 ${p99.toFixed(0)} ms`,
    },
  ];
}

/** The most that the hosts take. */
async function unpacedLines(
  cloud: Cloud,
  { hosts, query }: { readonly hosts: number; readonly query: (sql: string) => Promise<string[]> },
): Promise<Figure[]> {
  const made = await unpacedCreates(cloud, { clients: CLIENTS, seconds: 15, query });
  const failed = made.failed === 0 ? '' : `, ${made.failed} were not ACTIVE 20 s after the last`;
  const refused = made.refused === 0 ? '' : `, ${made.refused} refused: ${made.firstRefusal}`;
  return [
    {
      name: `creates to ACTIVE on ${hosts} hosts, without a pace`,
      value: Math.round(made.perSecond),
      unit: '/s',
      note: `${made.sent} from ${CLIENTS} clients in 15 s${refused}${failed}`,
    },
  ];
}

async function listLines(
  lab: SimulatedCloud,
  cloud: Cloud,
  { servers, say }: CloudOptions,
): Promise<Figure[]> {
  say(`list pages among ${FEW_SERVERS} servers`);
  await seedServers(lab, FEW_SERVERS);
  const few = await pageTimes(cloud);
  say(`list pages among ${servers} servers`);
  const begun = performance.now();
  await seedServers(lab, servers);
  const seconds = (performance.now() - begun) / 1000;
  const many = await pageTimes(cloud);
  return PAGES.map(({ name }, n) => ({
    name: `${name}, ${servers.toLocaleString('en')} servers to ${FEW_SERVERS.toLocaleString('en')}`,
    value: many[n]! / few[n]!,
    unit: '×',
    target: { atMost: FLAT },
    note: `${few[n]!.toFixed(2)} ms, then ${many[n]!.toFixed(2)} ms; servers put into the database in ${seconds.toFixed(1)} s`,
  }));
}

const PAGES = [
  { name: 'list page, p50', path: '/servers/detail?limit=50' },
  { name: 'list page of all projects, p50', path: '/servers/detail?limit=50&all_tenants=1' },
] as const;

/** Medians, each page right after a write so that nothing of it can have been kept. */
async function pageTimes(cloud: Cloud): Promise<number[]> {
  const one = await OneByOne.on(cloud);
  try {
    const { servers } = await one.ask<{ servers: { id: string }[] }>('GET', '/servers?limit=1&name=^seeded-');
    const write = (run: number) =>
      one.ask('POST', `/servers/${servers[0]!.id}/metadata`, { metadata: { run: String(run) } });
    const medians: number[] = [];
    for (const { path } of PAGES)
      medians.push(median(await timed({ seconds: 3, runs: 300 }, () => one.ask('GET', path), write)));
    return medians;
  } finally {
    one.close();
  }
}
