import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { GuestPlan } from '../../src/model/guest.ts';
import type { TwoHosts } from './moves.ts';

const SET = 'first';

/** UEFI variables move with their guest, and leave nothing behind. */
export function variablesLaws(cloud: () => TwoHosts): void {
  /** A guest whose variables differ from those of every other guest. */
  async function marked(two: TwoHosts): Promise<{ plan: GuestPlan; variables: string }> {
    const { lab, from } = two;
    const base = two.plan({ flavor: { ramMb: Math.max(lab.ramMb, 256) } });
    const properties = { ...base.image.properties, hw_firmware_type: 'uefi' };
    const plan = { ...base, image: { ...base.image, properties } };
    await two.makeDisks(plan);
    await two.start(from, plan);
    await lab.ask(from, { verb: 'destroy', server: plan.serverId });
    await lab.markVariables(from, plan.serverId, SET);
    const variables = await lab.variablesOf(from, plan.serverId, SET);
    assert.ok(variables);
    return { plan, variables };
  }

  it('move with the disks of a guest that is off', async (t) => {
    const two = cloud();
    if (two.lab.sharesDisks) return t.skip('disks that are shared do not move');
    const { lab, from, to } = two;
    const { plan, variables } = await marked(two);
    await lab.ask(to, { verb: 'fetch-disks', plan, offer: await two.offer(plan, 'move') });
    await two.start(to, plan);
    await lab.ask(to, { verb: 'destroy', server: plan.serverId });
    assert.equal(await lab.variablesOf(to, plan.serverId, SET), variables);
    await lab.ask(from, { verb: 'delete-disks', server: plan.serverId, set: 'all' });
    assert.equal(await lab.variablesOf(from, plan.serverId, SET), undefined);
    await two.remove(plan);
  });

  it('migrate with a guest that runs', async () => {
    const two = cloud();
    const { lab, from, to } = two;
    const { plan, variables } = await marked(two);
    const server = plan.serverId;
    await two.start(from, plan);
    await two.migrate(plan, await two.prepare(plan));
    assert.equal(await two.power(to, plan), 'running');
    await lab.ask(to, { verb: 'destroy', server });
    assert.equal(await lab.variablesOf(to, server, SET), variables);
    if (!lab.sharesDisks) {
      await lab.ask(from, { verb: 'delete-disks', server, set: 'all' });
      assert.equal(await lab.variablesOf(from, server, SET), undefined);
      assert.equal(await lab.variablesOf(to, server, SET), variables);
    }
    await two.remove(plan);
  });
}
