import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openStore } from '../../src/store/open.ts';
import { ComputeClient } from '../lab/compute-client.ts';
import { libvirtHostObstacle, startLibvirtHost } from '../lab/libvirt-host.ts';
import { startPostgres } from '../lab/postgres.ts';
import { makeStateDir, removeStateDir, type TestSettings } from '../lab/service.ts';
import { LoadClient } from './load.ts';
import { startMortalService } from './mortal-service.ts';

const isLong = process.env.NAMEPLATE_LONG === '1';
const KILLS = isLong ? 140 : 4;
const KILLS_WITH_GUESTS = 20;
const SEED = Number(process.env.NAMEPLATE_SEED ?? (isLong ? randomInt(2 ** 31) : 20_261_128));
const CLIENTS = 5;
/** Each has up to three guests, and an emulated guest takes a core while it boots. */
const CLIENTS_WITH_GUESTS = 2;
/** A kill comes after at most as many answers. */
const MOST_ANSWERS = 60;

/** `[image_cache] subdirectory_name`: it outlives servers. */
const IMAGE_CACHE = '_base';
const UNLIMITED = { instances: '-1', cores: '-1', ram: '-1' };

/** Where a service keeps what it has, and how it is killed. */
interface Place {
  readonly stateDir: string;
  readonly connection: string;
  readonly settings: TestSettings;
  readonly kills: number;
  readonly clients: number;
}

describe('the service killed at any moment while clients make, change and delete servers', () => {
  it(`loses nothing that it acknowledged in ${KILLS} kills, on SQLite`, async (t) => {
    const stateDir = await stateFor(t);
    await loseNothing(t, {
      stateDir,
      connection: `sqlite:///${join(stateDir, 'nameplate.sqlite')}`,
      settings: await simulated(stateDir),
      kills: KILLS,
      clients: CLIENTS,
    });
  });

  it(`loses nothing that it acknowledged in ${KILLS} kills, on PostgreSQL`, async (t) => {
    const stateDir = await stateFor(t);
    const postgres = await startPostgres();
    t.after(() => postgres.remove());
    const connection = await postgres.createDatabase();
    const settings = {
      ...(await simulated(stateDir)),
      database: { connection: connection.replaceAll('$', '$$$$') },
    };
    await loseNothing(t, { stateDir, connection, settings, kills: KILLS, clients: CLIENTS });
  });

  const obstacle = isLong ? (libvirtHostObstacle() ?? false) : 'a part of npm run test:long';
  it(`loses nothing that it acknowledged in ${KILLS_WITH_GUESTS} kills, with real guests`, {
    skip: obstacle,
  }, async (t) => {
    const host = await startLibvirtHost({ name: 'loaded' });
    t.after(() => host.stop());
    const stateDir = join(host.shared, 'state');
    const settings = {
      nameplate: { driver: 'libvirt', machine_id_file: host.machineIdFile },
      libvirt: { connection_uri: host.uri },
      DEFAULT: { cpu_allocation_ratio: '16' },
    };
    await loseNothing(t, {
      stateDir,
      connection: `sqlite:///${join(stateDir, 'nameplate.sqlite')}`,
      settings,
      kills: KILLS_WITH_GUESTS,
      clients: CLIENTS_WITH_GUESTS,
    });
  });
});

async function stateFor(t: TestContext): Promise<string> {
  const stateDir = await makeStateDir();
  t.after(() => removeStateDir(stateDir));
  return stateDir;
}

async function simulated(stateDir: string): Promise<TestSettings> {
  const machineIdFile = join(stateDir, 'machine-id');
  await writeFile(machineIdFile, '0123abcd456789ef0123456789abcdef\n');
  return { nameplate: { driver: 'simulated', machine_id_file: machineIdFile } };
}

/**
 * Loads the service, kills it, starts it again and looks, as often as is said; then nothing of any server may
 * be left.
 */
async function loseNothing(t: TestContext, place: Place): Promise<void> {
  const { stateDir, connection, settings, kills } = place;
  t.diagnostic(`NAMEPLATE_SEED=${SEED}`);
  const random = randomFrom(SEED);
  const clients = Array.from({ length: place.clients }, (_, n) => new LoadClient(`client${n}`, random));
  for (let kill = 0; kill < kills; kill++) {
    const service = await startMortalService(stateDir, { ...settings, quota: UNLIMITED });
    t.after(() => service.kill()); // where a client throws, the others go on until the service is gone
    const client = await ComputeClient.login(service.url, 10);
    const lost = (await Promise.all(clients.map((each) => each.lost(client)))).flat();
    assert.deepEqual(lost, [], `after ${kill} kills`);
    const image = await client.imageId('nameplate-demo');
    let answers = Math.ceil(random() * MOST_ANSWERS);
    const enough = Promise.withResolvers<void>();
    const loads = clients.map((each) =>
      each.run(client, image, () => void (--answers === 0 && enough.resolve())),
    );
    await Promise.race([enough.promise, Promise.all(loads)]);
    await service.kill();
    await Promise.all(loads);
  }
  await endAll(stateDir, { connection, settings, clients });
}

async function endAll(
  stateDir: string,
  {
    connection,
    settings,
    clients,
  }: Pick<Place, 'connection' | 'settings'> & { clients: readonly LoadClient[] },
): Promise<void> {
  const service = await startMortalService(stateDir, { ...settings, quota: UNLIMITED });
  const client = await ComputeClient.login(service.url, 10);
  assert.deepEqual((await Promise.all(clients.map((each) => each.lost(client)))).flat(), []);
  const { servers } = (await client.ask('GET', '/servers?all_tenants=1')) as { servers: { id: string }[] };
  await Promise.all(servers.map(({ id }) => client.gone(id)));
  await service.stop();
  const left = (await readdir(join(stateDir, 'instances'))).filter((name) => name !== IMAGE_CACHE);
  assert.deepEqual(left, [], 'nothing is left of servers that were deleted');
  const store = await openStore({ connection });
  try {
    assert.deepEqual(await store.operations.unfinished(), []);
  } finally {
    await store.close();
  }
}

/** Numbers from 0 to 1, the same for the same seed: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
