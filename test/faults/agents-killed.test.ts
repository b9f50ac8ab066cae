import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createServer } from '../../src/operations/kinds/create-server.ts';
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
import { type MortalService, startMortalReplica } from './mortal-service.ts';

const obstacle = libvirtHostObstacle() ?? natsObstacle() ?? (false as const);

describe('all agents killed with SIGKILL at every step boundary, and started again', {
  skip: obstacle,
  timeout: 900_000,
}, () => {
  let trial: LabTrial;
  let moves: LabMoves;
  let replica: MortalService;
  let mortal: ComputeClient;
  let closing = false;
  /** Hosts whose agents are not started again. */
  const down = new Set<string>();
  const keeping: Promise<void>[] = [];

  /** Starts an agent again whenever it has ended, as systemd would. */
  async function keepAlive(name: string): Promise<void> {
    const host = trial.host(name);
    for (let agent = host.agent; ; ) {
      await agent.ended;
      if (closing || down.has(name)) return;
      // One that is killed while it starts is tried again.
      agent = await host.restartAgent().catch(() => agent);
    }
  }

  before(async () => {
    trial = await LabTrial.start();
    moves = await LabMoves.of(trial);
    replica = await startMortalReplica(await trial.replicaConf('mortal'));
    mortal = await ComputeClient.login(replica.url);
    // No move has to do with the third host: its agent stays ended, which leaves the others more of the
    // machine to start on.
    keeping.push(...['host1', 'host2'].map(keepAlive));
  });
  after(async () => {
    closing = true;
    await replica?.stop();
    await trial?.lab.close();
    await Promise.all(keeping);
  });

  /** Runs an operation to its end, with all agents killed at each boundary. */
  async function killedThroughout(kind: LabMove['kind'], begin: () => Promise<string>) {
    const boundaries = await replica.killAgentsAt(kind.kind, trial.lab.parts.folder);
    const id = await begin();
    const seen = await boundaries();
    const forward = [...boundariesOf(kind), 'end'];
    assert.deepEqual(
      seen.map(({ at }) => at),
      forward,
    );
    assert.ok(seen.filter(({ killed }) => killed > 0).length >= forward.length / 2, 'agents were killed');
    return id;
  }

  async function moveOn(move: LabMove, id: string): Promise<string> {
    await moves.begin(move, id, mortal);
    return id;
  }

  it('create-server: it goes on to the same end', async () => {
    const id = await killedThroughout(createServer, () => trial.create('host1', mortal));
    await moves.comesTo({ request: [{}, 'ACTIVE'], on: 'host1', serial: 'host1', boot: 1 }, id);
    await trial.verifyCleanSlate(id);
  });

  for (const move of [MIGRATE, RESIZE, CONFIRM, REVERT, MIGRATE_LIVE])
    it(`${move.kind.kind}: it goes on to the same end`, async () => {
      const id = await moves.serverFor(move);
      await killedThroughout(move.kind, () => moveOn(move, id));
      await moves.comesTo(move, id);
      assert.equal((await trial.migrationsOf(id)).length, 1);
      await trial.verifyCleanSlate(id);
    });

  it('evacuate-server, from a host that failed: it goes on to the same end, and the host has nothing of it when it is back', async () => {
    const id = await moves.serverFor(EVACUATE);
    down.add('host1');
    await moves.failHost('host1');
    await killedThroughout(EVACUATE.kind, () => moveOn(EVACUATE, id));
    await moves.comesTo(EVACUATE, id, ['host2', 'host3']);
    await moves.comesBack('host1', [id]);
    down.delete('host1');
    keeping.push(keepAlive('host1'));
    await moves.comesTo(EVACUATE, id);
    await trial.verifyCleanSlate(id);
  });

  it('evacuate-server, from a host that was only said to be down: it goes on to the same end, and the guest there ends', async () => {
    const id = await moves.serverFor(EVACUATE);
    await moves.setForcedDown('host1', true);
    await killedThroughout(EVACUATE.kind, () => moveOn(EVACUATE, id));
    await moves.isCleared('host1', id);
    await moves.setForcedDown('host1', false);
    await moves.comesTo(EVACUATE, id);
    await trial.verifyCleanSlate(id);
  });
});
