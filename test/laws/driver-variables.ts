import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fromImage, type Kit, never, newOperation, newPlan, remove } from './driver-kit.ts';

/** UEFI variables are a member of the guest's disk set. */
export function variablesLaws(kit: () => Kit): void {
  it('are made by the first start, copied with their disk set, new in a set of the image, and gone with the set', async () => {
    const { lab, driver } = kit();
    const { serverId } = newPlan(kit());
    const properties = { ...lab.images.good.properties, hw_firmware_type: 'uefi' };
    const flavor = { ramMb: Math.max(lab.ramMb, 256) };
    const first = newPlan(kit(), { serverId, flavor, image: { ...lab.images.good, properties } });
    const boot = async (diskSet: string) => {
      await driver.define({ plan: { ...first, diskSet }, serial: null, operation: newOperation() });
      await driver.start(serverId);
      await driver.destroy(serverId);
    };
    await driver.createDisks(fromImage(kit(), first), never);
    assert.equal(await lab.variablesOf(serverId, 'first'), undefined);
    await boot('first');
    await lab.markVariables(serverId, 'first');
    const variables = await lab.variablesOf(serverId, 'first');
    assert.ok(variables);

    await boot('first');
    assert.equal(await lab.variablesOf(serverId, 'first'), variables, 'a hard reboot keeps them');
    const copy = { ...first, diskSet: 'resized' };
    await driver.createDisks({ ...fromImage(kit(), copy), from: { copyOf: 'first' } }, never);
    assert.equal(await lab.variablesOf(serverId, 'resized'), variables);
    const anew = { ...first, diskSet: 'rebuilt' };
    await driver.createDisks(fromImage(kit(), anew), never);
    await boot('rebuilt');
    const ofRebuild = await lab.variablesOf(serverId, 'rebuilt');
    assert.ok(ofRebuild !== undefined && ofRebuild !== variables);

    await driver.undefine(serverId);
    assert.equal(await lab.variablesOf(serverId, 'rebuilt'), ofRebuild, 'another host may share the set');
    await driver.deleteDisks(serverId, 'rebuilt');
    assert.equal(await lab.variablesOf(serverId, 'rebuilt'), undefined);
    assert.equal(await lab.variablesOf(serverId, 'first'), variables);
    await remove(kit(), first);
  });
}
