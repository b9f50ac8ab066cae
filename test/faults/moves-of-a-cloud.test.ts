import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { LEASE_RENEWAL_MS, newReplica } from '../../src/operations/engine/replica.ts';
import { ComputeClient } from '../lab/compute-client.ts';
import { libvirtHostObstacle } from '../lab/libvirt-host.ts';
import { natsObstacle } from '../lab/nats.ts';
import {
  boundariesOf,
  CONFIRM,
  EVACUATE,
  type LabMove,
  LabMoves,
  MIGRATE,
  MIGRATE_LIVE,
  RESIZE,
  REVERT,
} from './lab-moves.ts';
import { LabTrial } from './lab-trial.ts';
import { startMortalReplica } from './mortal-service.ts';

/** How soon another replica must take over what a dead one was doing. Milliseconds. */
const TAKEN_OVER_MS = 10_000;
const LEASE_MS = newReplica({ shared: true }).leaseFrom(0);
const obstacle = libvirtHostObstacle() ?? natsObstacle() ?? (false as const);

describe('moves of a cloud whose parts are killed in the middle', {
  skip: obstacle,
  timeout: 900_000,
}, () => {
  let trial: LabTrial;
  let moves: LabMoves;
  before(async () => {
    trial = await LabTrial.start({ agentsOnWire: true });
    moves = await LabMoves.of(trial);
  });
  after(() => trial?.lab.close());

  /** Most of a death is waiting for a lease to run out. */
  const concurrency = 4;

  /**
   * Has a replica that begins the move die at the boundary: another one goes on when the lease has run out,
   * and does nothing twice.
   */
  async function replicaDies(move: LabMove, boundary: string, id: string): Promise<void> {
    const { kind, steps } = move.kind;
    const dying = await startMortalReplica(await trial.replicaConf(`mortal-${id}-${kind}`));
    const client = await ComputeClient.login(dying.url);
    await dying.dieAt({ kind, boundary, server: id });
    await moves.begin(move, id, client).catch(() => undefined); // the answer may be lost with it
    await dying.died();
    const { leaseUntil } = await moves.operationOf(id);
    assert.ok(leaseUntil <= Date.now() + LEASE_MS, 'it is not left alone for longer than a lease');
    await trial.client.rests(id, move.request[1]);
    const end = await moves.operationOf(id);
    assert.notEqual(end.owner, dying.replica, 'another one went on');
    assert.ok(end.leaseUntil >= end.createdAt + 2 * LEASE_MS, 'when the lease had run out, and not before');
    assert.deepEqual(
      end.log.map((line) => line.replace(/ skipped$/, ' done')),
      steps.map(({ name }) => `${name} done`),
      'each step was done or skipped once',
    );
  }

  it('what a dead replica was doing is taken over within 10 s: a lease, and a look of another one', () => {
    assert.ok(LEASE_MS + LEASE_RENEWAL_MS <= TAKEN_OVER_MS);
  });

  describe('the replica that resizes to another host killed, and then the one that reverts or confirms', {
    concurrency,
  }, () => {
    const ends = [REVERT, CONFIRM].flatMap((move) =>
      boundariesOf(move.kind).map((boundary) => ({ move, boundary })),
    );
    for (const [index, boundary] of boundariesOf(RESIZE.kind).entries()) {
      const next = ends[index];
      const then = next === undefined ? '' : `, then ${next.move.kind.kind} ${next.boundary}`;
      it(`${boundary}${then}`, async () => {
        const id = await moves.serverFor(RESIZE);
        await replicaDies(RESIZE, boundary, id);
        await moves.comesTo(RESIZE, id);
        if (next !== undefined) {
          await replicaDies(next.move, next.boundary, id);
          await moves.comesTo(next.move, id);
        }
        assert.equal((await trial.migrationsOf(id)).length, 1);
        await trial.verifyCleanSlate(id);
      });
    }
    assert.ok(ends.length <= boundariesOf(RESIZE.kind).length, 'each end has its turn');
  });

  describe('the replica that migrates killed', { concurrency }, () => {
    /** A cold migration has the steps of a resize. */
    const deaths = [
      { move: MIGRATE, boundary: 'step done: carry disks' },
      ...boundariesOf(MIGRATE_LIVE.kind).map((boundary) => ({ move: MIGRATE_LIVE, boundary })),
    ];
    for (const { move, boundary } of deaths)
      it(`${move.kind.kind} ${boundary}`, async () => {
        const id = await moves.serverFor(move);
        await replicaDies(move, boundary, id);
        await moves.comesTo(move, id);
        assert.equal((await trial.migrationsOf(id)).length, 1);
        await trial.verifyCleanSlate(id);
      });
  });

  describe('a host that failed', () => {
    const boundaries = boundariesOf(EVACUATE.kind);
    const servers = new Map<string, string>();
    before(async () => {
      await Promise.all(
        boundaries.map(async (boundary) => void servers.set(boundary, await moves.serverFor(EVACUATE))),
      );
      await moves.failHost('host1');
    });

    describe('the replica that evacuates killed', { concurrency }, () => {
      for (const boundary of boundaries)
        it(boundary, async () => {
          const id = servers.get(boundary) ?? '';
          await replicaDies(EVACUATE, boundary, id);
          await moves.comesTo(EVACUATE, id, ['host2', 'host3']);
          assert.deepEqual(await trial.migrationsOf(id), ['done']);
        });
    });

    it('has nothing of them when it is back', async () => {
      const ids = [...servers.values()];
      await moves.comesBack('host1', ids);
      for (const id of ids) {
        await moves.comesTo(EVACUATE, id);
        await trial.verifyCleanSlate(id);
      }
    });
  });

  it('a host that is only cut off: evacuated, and when it is heard again its stale guest ends', async () => {
    const id = await trial.bootOn('host1');
    trial.host('host1').wayToBus?.fallSilent();
    await moves.setForcedDown('host1', true);
    await moves.begin(EVACUATE, id, trial.client);
    await moves.comesTo(EVACUATE, id, ['host2', 'host3']);
    assert.equal((await trial.guestsOf('host1')).includes(id), true, 'it ran on, cut off');
    trial.host('host1').wayToBus?.goOn();
    await moves.setForcedDown('host1', false);
    await moves.isCleared('host1', id);
    await moves.comesTo(EVACUATE, id);
    await trial.verifyCleanSlate(id);
  });

  /** What operators are told of the last action on a server. */
  async function whyOf(id: string): Promise<string> {
    const all = `/servers/${id}/os-instance-actions`;
    const { instanceActions } = (await trial.client.ask('GET', all)) as {
      instanceActions: { request_id: string }[];
    };
    const one = `${all}/${instanceActions[0]?.request_id}`;
    const { instanceAction } = (await trial.client.ask('GET', one)) as {
      instanceAction: { events: { traceback: string }[] };
    };
    return instanceAction.events[0]?.traceback ?? '';
  }

  it('the destination powered off in mid live migration: the guest goes on at the source, and it is said of every move there', async () => {
    const id = await trial.bootOn('host2');
    const before = await trial.says(id);
    await trial.host('host2').machine.exec('virsh', ['migrate-setspeed', id, '4']);
    const ask = { 'os-migrateLive': { host: 'host3', block_migration: 'auto' } };
    await trial.client.ask('POST', `/servers/${id}/action`, ask);
    while ((await trial.migrationsOf(id))[0] !== 'running') await delay(50);
    await trial.host('host3').machine.stop();
    await trial.client.rests(id, 'ACTIVE');
    assert.equal(await trial.whereIs(id), 'host2');
    assert.deepEqual(await trial.migrationsOf(id), ['error']);
    const now = await trial.says(id);
    assert.deepEqual({ serial: now.serial, boot: now.boot }, { serial: before.serial, boot: before.boot });
    const said = /^Compute host host3, which the server is to go to, does not answer\./;
    assert.match(await whyOf(id), said);
    await trial.client.act(id, { migrate: { host: 'host3' } }, 'ACTIVE'); // it does not count as down yet
    assert.equal(await trial.whereIs(id), 'host2');
    assert.match(await whyOf(id), said);
    assert.equal((await trial.says(id)).boot, before.boot, 'the guest was not touched');
    await trial.verifyCleanSlate(id, ['host1', 'host2']);
  });
});
