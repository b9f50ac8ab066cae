import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { GuestPlan } from '../../src/model/guest.ts';
import { type GuestCpu, whyNotGiven } from '../../src/model/guest-cpu.ts';
import type { MachineIdentity } from '../../src/model/machine-identity.ts';
import { fails, fromImage, type Kit, never, newOperation, newPlan, remove } from './driver-kit.ts';

/** The CPU of a guest follows the configuration of its host, or is held. */
export function cpuLaws(kit: () => Kit): void {
  const define = (plan: GuestPlan, machine: MachineIdentity | null) =>
    kit().driver.define({ plan: { ...plan, machine }, serial: null, operation: newOperation() });
  /** What the guest is started with, recorded as the control plane does. */
  async function started(plan: GuestPlan, machine: MachineIdentity): Promise<MachineIdentity> {
    const { serverId } = plan;
    await kit().driver.start(serverId);
    const cpu = (await kit().driver.readGuest(serverId))?.cpu ?? null;
    await kit().driver.destroy(serverId);
    assert.ok(machine.cpu);
    return { ...machine, cpu: { ...machine.cpu, started: cpu } };
  }
  const recorded = ({ cpu }: MachineIdentity) => [cpu?.configured, cpu?.held, cpu?.started?.model];

  it('is what the configuration asks for, or what the guest was first started with where that is held', async () => {
    const plan = newPlan(kit());
    await kit().driver.createDisks(fromImage(kit(), plan), never);
    await kit().lab.reopen({ holds: true, models: ['Nehalem', 'Penryn'] });
    const defined = await define(plan, null);
    assert.deepEqual(defined.cpu, { configured: 'custom (Nehalem)', held: true, started: null });
    const first = await started(plan, defined);
    assert.deepEqual(recorded(first), ['custom (Nehalem)', true, 'Nehalem']);
    assert.ok(first.cpu?.started?.all?.length, 'all its features are known');
    const { guestCpu } = await kit().driver.describeHost();
    assert.ok(guestCpu);
    assert.equal(whyNotGiven(first.cpu.started, guestCpu), undefined, 'its own host gives it');

    await kit().lab.reopen({ holds: true, models: ['Penryn', 'Nehalem'] });
    const again = await started(plan, await define(plan, first));
    assert.deepEqual(again.cpu, first.cpu, 'another configuration does not matter');

    await kit().lab.reopen({ holds: false, models: ['Penryn', 'Nehalem'] });
    const following = await started(plan, await define(plan, again));
    assert.deepEqual(recorded(following), ['custom (Penryn)', false, 'Penryn']);
    await kit().lab.reopen();
    await remove(kit(), plan);
  });

  it('is refused where the host cannot give it, and the guest stays as it was', async () => {
    const plan = newPlan(kit());
    await kit().driver.createDisks(fromImage(kit(), plan), never);
    await kit().lab.reopen({ holds: true, models: ['Nehalem'] });
    const machine = await started(plan, await define(plan, null));
    assert.ok(machine.cpu?.started);
    const lacking: GuestCpu = { ...machine.cpu.started, model: 'Icelake-Server', all: ['avx512f'] };
    const other = { ...machine, cpu: { ...machine.cpu, started: lacking } };
    const failure = await fails('conflict', define(plan, other));
    assert.match(failure.message, /cannot give the server the CPU Icelake-Server that it keeps/);
    assert.deepEqual((await started(plan, machine)).cpu, machine.cpu);
    await kit().lab.reopen();
    await remove(kit(), plan);
  });
}
