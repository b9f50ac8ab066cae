import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { GuestShell } from '../../../test/lab/guest-shell.ts';
import { libvirtHostObstacle } from '../../../test/lab/libvirt-host.ts';
import { type LibvirtMovesLab, openLibvirtMovesLab } from '../../../test/lab/libvirt-moves-lab.ts';
import { TwoHosts } from '../../../test/laws/moves.ts';
import type { GuestPlan } from '../../model/guest.ts';
import type { HostName } from '../../model/ids.ts';

describe('a CPU that is held, between hosts with different cpu_models', {
  skip: libvirtHostObstacle() ?? false,
  timeout: 300_000,
}, () => {
  let lab: LibvirtMovesLab;
  let two: TwoHosts;
  before(async () => {
    lab = await openLibvirtMovesLab({ sharesDisks: false, heldCpus: ['Nehalem', 'Penryn'] });
    two = new TwoHosts(lab);
  });
  after(() => lab?.close());

  /** Starts the guest, and records what it was started with. */
  async function start(host: HostName, plan: GuestPlan): Promise<GuestPlan> {
    const operation = two.newOperation();
    const { machine } = await lab.ask(host, { verb: 'define', plan, operation });
    await lab.ask(host, { verb: 'start', server: plan.serverId });
    const cpu = (await lab.ask(host, { verb: 'read-guest', server: plan.serverId }))?.cpu;
    assert.ok(machine?.cpu && cpu);
    return { ...plan, machine: { ...machine, cpu: { ...machine.cpu, started: cpu } } };
  }

  /** The model as the guest reads it. */
  async function modelIn(host: HostName, { serverId }: GuestPlan): Promise<string> {
    const shell = new GuestShell(() => lab.serialLine(host, serverId));
    return (await shell.run('grep -m1 "^model name" /proc/cpuinfo')).output;
  }

  it('is what the guest reads at the first host, and after a cold move at the other', async () => {
    const { from, to } = two;
    const plan = two.plan();
    await two.makeDisks(plan);
    const first = await start(from, plan);
    assert.match(await modelIn(from, first), /Nehalem/);
    await lab.ask(from, { verb: 'destroy', server: plan.serverId });
    await lab.ask(to, { verb: 'fetch-disks', plan, offer: await two.offer(plan, 'move') });
    const moved = await start(to, first);
    assert.match(await modelIn(to, moved), /Nehalem/);
    assert.deepEqual(moved.machine?.cpu, first.machine?.cpu);
    await two.remove(plan);
  });

  it('is that of its first host where there was none before', async () => {
    const plan = two.plan();
    await lab.ask(two.to, {
      verb: 'create-disks',
      plan,
      from: 'image',
      images: null,
      contents: lab.contents,
    });
    const { machine } = await start(two.to, plan);
    assert.equal(machine?.cpu?.started?.model, 'Penryn');
    await two.remove(plan);
  });
});
