import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { clientLines } from './api/client-lines.ts';
import { connectTo, loginFromEnvironment } from './api/cloud.ts';
import { type Figure, tableOf } from './api/figure.ts';
import { flatnessLines } from './api/flatness.ts';
import { imageLines } from './api/image-lines.ts';
import {
  bareLines,
  createAloneLine,
  createManyLine,
  listAfterWriteLine,
  listLines,
  type Measured,
  showLine,
  tokenLine,
} from './api/lines.ts';
import { residentMib } from './api/machine.ts';
import { startNameplate } from './api/nameplate.ts';
import { orUnmeasured } from './api/or-unmeasured.ts';
import { portFlatnessLines } from './api/port-flatness.ts';
import { portLines } from './api/port-lines.ts';
import { readsBesideWritesLines } from './api/reads-beside-writes.ts';
import { allBuilt, allServers, deleteBenchServers, serverBody } from './api/servers.ts';
import { libvirtLines } from './on-libvirt.ts';
import { postgresql, sqlite } from './store-place.ts';

/**
 * Measures the APIs on the simulated driver, and as root guests and calls on a real libvirtd, and prints a
 * table of what was aimed at and what came of it. Each line takes at most about ten seconds.
 *
 *   npm run bench                            all lines
 *   npm run bench -- --servers 200 --flat 1000,10000 --ports 1000
 *   npm run bench -- --against AUTH_URL      also sends the same requests to another cloud, and prints ratios
 *
 * The login there is that of OS_USERNAME, OS_PASSWORD, OS_PROJECT_NAME, …; OS_BENCH_FLAVOR and OS_BENCH_IMAGE
 * name what to boot. Of many hosts: `npm run bench:many-hosts`.
 */
const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    servers: { type: 'string', default: '1000' },
    flat: { type: 'string', default: '1000,10000,100000' },
    ports: { type: 'string', default: '10000' },
  },
});

const say = (what: string) => process.stderr.write(`measuring: ${what}\n`);

/** Lines that make sense for any cloud. */
async function commonLines(measured: Measured, servers: number): Promise<Figure[]> {
  const line = (name: string, measure: () => Promise<readonly Figure[]>) => {
    say(name);
    return orUnmeasured(name, measure);
  };
  const created = await line(`create to ACTIVE, ${servers} servers from 16 clients`, async () => [
    await createManyLine(measured, servers),
  ]);
  const ids = await allServers(measured.cloud);
  return [
    ...(await line(`list of 50 among ${ids.length} servers`, () => listLines(measured))),
    ...created,
    ...(await line('list right after a write', async () => [await listAfterWriteLine(measured, ids[0]!)])),
    ...(await line('show', async () => [await showLine(measured, ids)])),
    ...(await line('token', async () => [await tokenLine(measured)])),
    ...(await line('reads beside writes', () => readsBesideWritesLines(measured, ids))),
    ...(await line('create alone', async () => [await createAloneLine(measured)])),
  ];
}

async function ownLines(folder: string): Promise<Figure[]> {
  const service = await startNameplate(folder);
  const measured = { cloud: await connectTo(service.login), pid: service.pid };
  const figures = await commonLines(measured, Number(values.servers));
  say('node:http alone');
  figures.splice(2, 0, ...(await orUnmeasured('node:http alone', () => bareLines(measured))));
  const loaded = await residentMib(service.pid);
  say('openstack server list');
  const client = () => clientLines(measured.cloud, service.login);
  figures.push(...(await orUnmeasured('openstack server list', client)));
  const images = () => imageLines(folder, service.pid, measured.cloud);
  say('image data');
  figures.push(...(await orUnmeasured('image data', images)));
  await service.stop();
  return [
    ...figures,
    ...(await orUnmeasured('memory and start with all servers', () => restLines(folder, loaded))),
  ];
}

/**
 * A second start, with all the servers there: how long a user waits for it, and what it takes up when nothing
 * happens.
 */
async function restLines(folder: string, loaded: number): Promise<Figure[]> {
  say('npm start to the first answer');
  const byNpm = await startNameplate(folder, { by: 'npm' });
  await byNpm.stop();
  const service = await startNameplate(folder);
  const cloud = await connectTo(service.login);
  await cloud.ask('GET', '/servers/detail?limit=50');
  await wait(2000);
  const idle = await residentMib(service.pid);
  const servers = (await allServers(cloud)).length;
  await service.stop();
  return [
    {
      name: `memory, idle with ${servers} servers`,
      value: idle,
      unit: 'MiB',
      target: { atMost: 150 },
    },
    { name: 'memory, right after all of the load', value: loaded, unit: 'MiB', target: { atMost: 200 } },
    {
      name: 'npm start to the first answer',
      value: byNpm.readyAfter / 1000,
      unit: 's',
      target: { atMost: 2 },
      note: `${(service.readyAfter / 1000).toFixed(2)} s without npm; ${servers} servers there`,
    },
  ];
}

/** What ports cost, on SQLite and on PostgreSQL. */
async function allPortLines(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [on, makePlace] of Object.entries({ SQLite: sqlite, PostgreSQL: postgresql })) {
    say(`ports on ${on}`);
    const costs = async () => {
      const place = await makePlace();
      try {
        return await portLines(on, on === 'SQLite' ? undefined : place.connection);
      } finally {
        await place.remove();
      }
    };
    const flatness = () => portFlatnessLines(on, { many: Number(values.ports), makePlace });
    figures.push(...(await orUnmeasured(`ports of servers on ${on}`, costs)));
    figures.push(...(await orUnmeasured(`${values.ports} ports of a network on ${on}`, flatness)));
  }
  return figures;
}

/** The same requests to another cloud: fewer servers, and none is left behind. */
async function otherLines(authUrl: string): Promise<Figure[]> {
  const cloud = await connectTo(loginFromEnvironment(authUrl));
  say(`the other cloud, ${authUrl}`);
  const missing = 50 - (await allServers(cloud)).length;
  try {
    for (let n = 0; n < missing; n++) await cloud.ask('POST', '/servers', serverBody(cloud, `fill-${n}`));
    await allBuilt(cloud, 600);
    return await commonLines({ cloud }, 16);
  } finally {
    await deleteBenchServers(cloud);
  }
}

/** What was measured here is still printed. */
function withoutIt(why: unknown): undefined {
  process.stderr.write(`the other cloud is left out: ${why instanceof Error ? why.message : String(why)}\n`);
  process.exitCode = 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const folder = await mkdtemp(join(tmpdir(), 'nameplate-bench-'));
try {
  const figures = [...(await orUnmeasured('the APIs', () => ownLines(folder)))];
  const others =
    values.against === undefined
      ? undefined
      : await otherLines(values.against.replace(/\/+$/, '')).catch(withoutIt);
  const sizes = values.flat
    .split(',')
    .map(Number)
    .filter((rows) => rows > 0);
  if (sizes.length > 0) say(`costs at ${sizes.join(', ')} servers`);
  figures.push(...(await orUnmeasured(`costs at ${sizes.join(', ')} servers`, () => flatnessLines(sizes))));
  figures.push(...(await allPortLines()));
  say('real QEMU beside virsh, libvirt-rpc beside python3-libvirt');
  figures.push(...(await libvirtLines()));
  process.stdout.write(`\n${tableOf(figures, others)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
