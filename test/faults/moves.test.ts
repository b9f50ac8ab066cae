import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { libvirtHostObstacle } from '../lab/libvirt-host.ts';
import { type LibvirtMovesLab, openLibvirtMovesLab } from '../lab/libvirt-moves-lab.ts';
import { fails, TwoHosts } from '../laws/moves.ts';

const MIB = 1024 ** 2;

describe('moves between real hosts that break in the middle', {
  skip: libvirtHostObstacle() ?? false,
  timeout: 300_000,
}, () => {
  let lab: LibvirtMovesLab;
  let two: TwoHosts;
  before(async () => {
    lab = await openLibvirtMovesLab({ sharesDisks: false });
    two = new TwoHosts(lab);
  });
  after(() => lab?.close());

  it("the destination's agent killed while it fetches: nothing is there, and the same offer is fetched again", async () => {
    const { from, to } = two;
    const plan = two.plan({ flavor: { ephemeralGb: 1 } });
    await two.makeDisks(plan);
    const set = join(
      lab.hostOf(from).root,
      '/var/lib/libvirt/nameplate/instances',
      plan.serverId,
      plan.diskSet,
    );
    const ephemeral = await open(join(set, 'disk.eph0'), 'r+');
    const piece = randomBytes(MIB);
    for (let at = 0; at < 300; at++) await ephemeral.write(piece, 0, piece.length, at * MIB);
    await ephemeral.close();
    const offer = await two.offer(plan, 'move');
    const fetching = fails('outcome-unknown', lab.ask(to, { verb: 'fetch-disks', plan, offer }));
    while ((await lab.filesOf(to, plan.serverId)).length === 0) await delay(5); // a file of another process: no event of ours
    await lab.restartAgent(to);
    await fetching;
    assert.deepEqual(await lab.filesOf(to, plan.serverId), [`${plan.diskSet}.partial`]);
    await lab.ask(to, { verb: 'fetch-disks', plan, offer });
    assert.deepEqual(await lab.filesOf(to, plan.serverId), [plan.diskSet]);
    await two.remove(plan);
  });

  it('a live migration that was forced, and then stopped: the guest runs again at the source', async () => {
    const { from, to } = two;
    const plan = two.plan();
    const { serverId: server } = plan;
    await two.boot(plan);
    const destination = await two.prepare(plan);
    lab.setSlow(true);
    const migrating = fails('timed-out', two.migrate(plan, destination));
    await two.begun(plan);
    await lab.ask(from, { verb: 'force-live', server });
    assert.equal(await two.power(from, plan), 'paused');
    await lab.ask(from, { verb: 'abort-live', server });
    await migrating;
    lab.setSlow(false);
    assert.equal(await two.power(from, plan), 'running');
    assert.equal(await two.power(to, plan), 'absent');
    await two.remove(plan);
  });

  it("the source's agent killed in a live migration: it goes on, and who asks again waits for its end", async () => {
    const { from, to } = two;
    const plan = two.plan();
    await two.boot(plan);
    const destination = await two.prepare(plan);
    lab.setSlow(true);
    const migrating = fails('outcome-unknown', two.migrate(plan, destination));
    await two.begun(plan);
    await lab.restartAgent(from);
    await migrating;
    await two.begun(plan);
    await two.migrate(plan, destination);
    assert.equal(await two.power(from, plan), 'absent');
    assert.equal(await two.power(to, plan), 'running');
    assert.deepEqual(await two.says(to, plan, 1), { serial: lab.hostSerials[0], uuid: plan.serverId });
    await two.remove(plan);
  });

  it("the source's agent killed in a live migration, which is then stopped: that is said when none is under way", async () => {
    const { from, to } = two;
    const plan = two.plan();
    const { serverId: server } = plan;
    await two.boot(plan);
    const destination = await two.prepare(plan);
    lab.setSlow(true);
    const migrating = fails('outcome-unknown', two.migrate(plan, destination));
    await two.begun(plan);
    await lab.restartAgent(from);
    await migrating;
    await lab.ask(from, { verb: 'abort-live', server });
    assert.equal(await lab.ask(from, { verb: 'live-progress', server }), null);
    assert.equal(await two.power(from, plan), 'running');
    assert.equal(await two.power(to, plan), 'absent');
    await two.remove(plan);
  });

  it("the source's libvirtd killed in a live migration: the guest stays, and can be migrated again", async () => {
    const { from, to } = two;
    const plan = two.plan();
    await two.boot(plan);
    const destination = await two.prepare(plan);
    lab.setSlow(true);
    const migrating = fails('outcome-unknown', two.migrate(plan, destination));
    await two.begun(plan);
    await lab.hostOf(from).restartDaemon();
    await migrating;
    assert.equal(await two.power(from, plan), 'running');
    while ((await two.power(to, plan)) !== 'absent') await delay(50); // its daemon finds out by itself
    lab.setSlow(false);
    await two.migrate(plan, destination);
    assert.equal(await two.power(to, plan), 'running');
    const log = await lab.ask(to, { verb: 'console-log', server: plan.serverId, lines: null });
    assert.doesNotMatch(log, /boot=2/);
    await two.remove(plan);
  });

  it('the destination powered off in a live migration: the guest runs on at the source, as it was', async () => {
    const { from, to } = two;
    const plan = two.plan();
    const { serverId: server } = plan;
    await two.boot(plan);
    const destination = await two.prepare(plan);
    lab.setSlow(true);
    const migrating = fails('internal', two.migrate(plan, destination));
    await two.begun(plan);
    process.kill(lab.hostOf(to).pid, 'SIGKILL');
    await migrating;
    lab.setSlow(false);
    assert.equal(await two.power(from, plan), 'running');
    assert.equal(await lab.ask(from, { verb: 'live-progress', server }), null);
    assert.equal(await lab.runningSerial(from, server), lab.hostSerials[0]);
    assert.equal(await lab.definedSerial(from, server), lab.hostSerials[0]);
    assert.equal(await lab.ask(from, { verb: 'soft-reboot', server, timeoutMs: 60_000 }), true);
    assert.deepEqual(
      await two.says(from, plan, 2),
      { serial: lab.hostSerials[0], uuid: server },
      'its disk is whole',
    );
  });
});
