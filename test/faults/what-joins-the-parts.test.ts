import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { libvirtHostObstacle } from '../lab/libvirt-host.ts';
import { natsObstacle } from '../lab/nats.ts';
import { type Expected, InFlight } from './in-flight.ts';
import { LabTrial } from './lab-trial.ts';

/**
 * How long NATS is away in the longer outage: more than requests and heartbeats are patient. Milliseconds.
 */
const OUTAGE_MS = 30_000;
/** How long a libvirtd waits for the one that it migrates a guest to. */
const SILENCE_SECONDS = 6;
/** Less than that. Milliseconds. */
const MOMENT_MS = 2_000;
const obstacle = libvirtHostObstacle() ?? natsObstacle() ?? (false as const);

describe('what joins the parts of a cloud fails while servers are moved and made', {
  skip: obstacle,
  timeout: 600_000,
}, () => {
  let trial: LabTrial;
  let flights: InFlight;

  before(async () => {
    trial = await LabTrial.start({
      agentsOnWire: true,
      control: { DEFAULT: { report_interval: '2', service_down_time: '10' } },
      machines: { silenceSeconds: SILENCE_SECONDS },
    });
    flights = new InFlight(trial);
    await flights.makeFlavor();
  });
  after(() => trial?.lab.close());

  const live = (on: string, from: string) => ({
    ...{ status: 'ACTIVE', on, serial: trial.serialOf(from), boot: 1 },
    migrations: ['completed'],
  });
  const cold = (on: string) => ({
    ...{ status: 'VERIFY_RESIZE', on, serial: trial.serialOf(on), boot: 2 },
    migrations: ['finished'],
  });
  const created = (id: string) => ({
    ...{ status: 'ACTIVE', on: 'host3', serial: id, boot: 1 },
    migrations: [],
  });

  /** Every server has come to its end; then all that there is of them goes away. */
  async function assertAllEnd(
    ends: readonly { readonly id: string; readonly action: string; readonly as: Expected }[],
  ): Promise<void> {
    await Promise.all(ends.map(({ id, as }) => flights.endsAs(id, as)));
    for (const { id, action } of ends)
      assert.deepEqual(await flights.lastActionOf(id), { action, results: ['Success'] });
    await flights.servicesAre('up');
    await Promise.all(ends.map(({ id }) => trial.verifyCleanSlate(id)));
  }

  /** A live migration, a cold one, and a create that its host goes on with when told. */
  async function allAtOnce() {
    const [there, moved] = await Promise.all([
      flights.liveMigration('host1', 'host2'),
      flights.filled('host1'),
    ]);
    const made = await flights.create('host3');
    await flights.coldMigrate(moved, 'host2');
    const ends = [
      { id: there, action: 'live-migration', as: live('host2', 'host1') },
      { id: moved, action: 'migrate', as: cold('host2') },
      { id: made.id, action: 'create', as: created(made.id) },
    ];
    return { there, moved, made, ends };
  }

  it('NATS down for 30 s: moves and a create go on where they were', async () => {
    const { nats } = trial.lab.parts;
    const back = await flights.liveMigration('host2', 'host1');
    const { there, moved, made, ends } = await allAtOnce();
    await nats.kill();
    assert.ok(flights.isFetching('host2', moved), 'its disks are on their way');
    const began = performance.now();
    await made.goOn();
    await flights.letGo('host1', there);
    while (!(await trial.guestsOf('host2')).includes(there)) await delay(100);
    await flights.servicesAre('down');
    await delay(OUTAGE_MS - (performance.now() - began));
    assert.deepEqual(await trial.migrationsOf(back), ['running']);
    await nats.restart();
    await flights.servicesAre('up');
    await flights.letGo('host2', back);
    await flights.endsAs(moved, cold('host2'));
    await flights.assertSameDisk(moved, 'host1', 'host2');
    await assertAllEnd([...ends, { id: back, action: 'live-migration', as: live('host1', 'host2') }]);
  });

  it('PostgreSQL and NATS restarted, in order and at once', async () => {
    const { postgres, parts } = trial.lab;
    const { there, made, ends } = await allAtOnce();
    const restartPostgres = async (how: 'fast' | 'immediate') => {
      const noticed = flights.logs(/leases-not-renewed/, 'each');
      await postgres.stop(how);
      await noticed();
      await postgres.start();
    };
    await restartPostgres('fast');
    await parts.nats.kill();
    await parts.nats.restart();
    await made.goOn();
    await restartPostgres('immediate');
    await flights.servicesAre('up');
    await flights.letGo('host1', there);
    await assertAllEnd(ends);
  });

  it("the agent of a live migration's source, and that of another's destination, cut off from NATS", async () => {
    const [there, onwards, stopped] = await Promise.all([
      flights.liveMigration('host1', 'host2'),
      flights.liveMigration('host2', 'host3'),
      flights.liveMigration('host2', 'host3'),
    ]);
    const cutOff = ['host1', 'host3'];
    const silences = cutOff.map((name) =>
      flights.logs(new RegExp(`Host ${name} has been silent for .* during the command`), 'one'),
    );
    for (const name of cutOff) trial.host(name).wayToBus?.fallSilent();
    await flights.abort(stopped);
    await Promise.all([flights.letGo('host1', there), flights.letGo('host2', onwards)]);
    while (!(await trial.guestsOf('host2')).includes(there)) await delay(100);
    while (!(await trial.guestsOf('host3')).includes(onwards)) await delay(100);
    await flights.servicesAre('down', cutOff);
    await flights.servicesAre('up', ['host2']);
    for (const noticed of silences) await noticed();
    while (await trial.holds('host2', onwards)) await delay(100); // its source need not wait for its destination
    for (const name of cutOff) trial.host(name).wayToBus?.goOn();
    await flights.servicesAre('up');
    await flights.endsAs(stopped, { ...live('host2', 'host2'), migrations: ['cancelled'] });
    assert.equal(await trial.holds('host3', stopped), false, 'the destination keeps nothing');
    await trial.verifyCleanSlate(stopped);
    await assertAllEnd([
      { id: there, action: 'live-migration', as: live('host2', 'host1') },
      { id: onwards, action: 'live-migration', as: live('host3', 'host2') },
    ]);
  });

  it('the wire between two hosts cut: for a moment, and for longer than libvirt waits', async () => {
    const { setWire } = trial.host('host2').machine;
    const [moved, tried] = await Promise.all([
      flights.filled('host1'),
      flights.liveMigration('host1', 'host2'),
    ]);
    await flights.coldMigrate(moved, 'host2');
    await setWire('down');
    assert.ok(flights.isFetching('host2', moved), 'its disks are on their way');
    await delay(MOMENT_MS);
    assert.ok(flights.isFetching('host2', moved), 'and stay there');
    await setWire('up');
    await flights.endsAs(moved, cold('host2'));
    await flights.assertSameDisk(moved, 'host1', 'host2');
    assert.deepEqual(await trial.migrationsOf(tried), ['running'], 'it was not noticed');

    await setWire('down');
    await flights.givesUp('host1');
    const { serial, boot } = await trial.says(tried);
    assert.deepEqual({ serial, boot }, { serial: trial.serialOf('host1'), boot: 1 }, 'the guest goes on');
    await setWire('up');
    await flights.endsAs(tried, { ...live('host1', 'host1'), migrations: ['error'] });
    assert.deepEqual(await flights.lastActionOf(tried), { action: 'live-migration', results: ['Error'] });
    assert.equal(await trial.holds('host2', tried), false, 'the destination keeps nothing');
    await flights.letGo('host1', tried);
    await trial.client.ask('POST', `/servers/${tried}/action`, {
      'os-migrateLive': { host: 'host2', block_migration: 'auto' },
    });
    await assertAllEnd([
      { id: moved, action: 'migrate', as: cold('host2') },
      {
        ...{ id: tried, action: 'live-migration' },
        as: { ...live('host2', 'host1'), migrations: ['completed', 'error'] },
      },
    ]);
  });
});
