import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createServer } from '../../src/operations/create-server.ts';
import { liveMigrateServer } from '../../src/operations/live-migrate-server.ts';
import { migrateServer, revertResize } from '../../src/operations/resize-server.ts';
import type { OperationKind } from '../../src/operations/step.ts';
import { ComputeClient } from '../lab/compute-client.ts';
import { libvirtHostObstacle } from '../lab/libvirt-host.ts';
import { natsObstacle } from '../lab/nats.ts';
import { LabTrial } from './lab-trial.ts';
import { type MortalService, startMortalReplica } from './mortal-service.ts';

type Action = Record<string, unknown>;
interface Case {
  readonly kind: OperationKind;
  /** What is done first, to a server on host1; none: there is no server yet. */
  readonly from: readonly (readonly [Action, string])[] | null;
  readonly ask: Action;
  readonly status: string;
  readonly on: string;
  /** Whose serial the guest then reads, and how often it has booted. */
  readonly serial: string;
  readonly boot: number;
}

const migrate: Action = { migrate: { host: 'host2' } };
const CASES: readonly Case[] = [
  { kind: createServer, from: null, ask: {}, status: 'ACTIVE', on: 'host1', serial: 'host1', boot: 1 },
  { kind: migrateServer, from: [], ask: migrate, status: 'VERIFY_RESIZE', on: 'host2', serial: 'host2', boot: 2 },
  { kind: revertResize, from: [[migrate, 'VERIFY_RESIZE']], ask: { revertResize: null }, status: 'ACTIVE', on: 'host1', serial: 'host1', boot: 2 },
  { kind: liveMigrateServer, from: [], ask: { 'os-migrateLive': { host: 'host2', block_migration: 'auto' } }, status: 'ACTIVE', on: 'host2', serial: 'host1', boot: 1 },
]; // biome-ignore format: a table

const obstacle = libvirtHostObstacle() ?? natsObstacle() ?? (false as const);

describe('all agents killed with SIGKILL at every step boundary, and started again', {
  skip: obstacle,
  timeout: 600_000,
}, () => {
  let trial: LabTrial;
  let replica: MortalService;
  let mortal: ComputeClient;
  /** Agents that end are started again, as systemd would. */
  let closing = false;
  let keeping: Promise<void>[] = [];

  async function keepAlive(name: string): Promise<void> {
    const host = trial.host(name);
    for (let agent = host.agent; !closing; ) {
      await agent.ended;
      // One that is killed while it starts is tried again.
      if (!closing) agent = await host.restartAgent().catch(() => agent);
    }
  }

  before(async () => {
    trial = await LabTrial.start();
    replica = await startMortalReplica(await trial.replicaConf('mortal'));
    mortal = await ComputeClient.login(replica.url);
    keeping = trial.lab.hosts.map(({ name }) => keepAlive(name));
  });
  after(async () => {
    closing = true;
    await replica?.stop();
    await trial?.lab.close();
    await Promise.all(keeping);
  });

  async function ask({ kind, ask }: Case, id: string): Promise<string> {
    if (kind === createServer) return trial.create('host1', mortal);
    await mortal.ask('POST', `/servers/${id}/action`, ask);
    return id;
  }

  for (const each of CASES)
    it(`${each.kind.kind}: it goes on to the same end`, async () => {
      let id = each.from === null ? '' : await trial.bootOn('host1');
      for (const [action, status] of each.from ?? []) await trial.client.act(id, action, status);
      const boundaries = await replica.killAgentsAt(each.kind.kind, trial.lab.parts.folder);
      id = await ask(each, id);
      const seen = await boundaries();
      const forward = ['begun', ...each.kind.steps.map(({ name }) => `step done: ${name}`), 'end'];
      assert.deepEqual(
        seen.map(({ at }) => at),
        forward,
      );
      assert.ok(seen.filter(({ killed }) => killed > 0).length >= forward.length / 2, 'agents were killed');
      await trial.client.rests(id, each.status);
      await trial.agentAnswers(id); // the last boundary ended them once more
      const line = await trial.says(id);
      assert.deepEqual(
        { serial: line.serial, boot: line.boot, on: await trial.whereIs(id) },
        { serial: trial.serialOf(each.serial), boot: each.boot, on: each.on },
      );
      const others = ['host1', 'host2', 'host3'].filter((host) => host !== each.on);
      for (const host of others)
        assert.equal((await trial.guestsOf(host)).includes(id), false, `not on ${host}`);
      await trial.verifyCleanSlate(id);
    });
});
