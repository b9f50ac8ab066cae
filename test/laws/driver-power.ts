import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import type { HypervisorDriver } from '../../src/hypervisor/driver.ts';
import { Failure } from '../../src/model/failure.ts';
import type { GuestPlan } from '../../src/model/guest.ts';
import type { ServerId } from '../../src/model/ids.ts';
import {
  fails,
  fromImage,
  type Kit,
  never,
  newOperation,
  newPlan,
  remove,
  SHUTDOWN_MS,
} from './driver-kit.ts';

export function absenceLaws(kit: () => Kit): void {
  const needing: readonly (readonly [
    string,
    (driver: HypervisorDriver, server: ServerId) => Promise<unknown>,
  ])[] = [
    ['start', (driver, server) => driver.start(server)],
    ['shutdown', (driver, server) => driver.shutdown(server, SHUTDOWN_MS)],
    ['softReboot', (driver, server) => driver.softReboot(server, SHUTDOWN_MS)],
    ['pause', (driver, server) => driver.pause(server)],
    ['unpause', (driver, server) => driver.unpause(server)],
    ['suspend', (driver, server) => driver.suspend(server)],
    ['resume', (driver, server) => driver.resume(server)],
    ['injectNmi', (driver, server) => driver.injectNmi(server)],
  ];
  for (const [method, ask] of needing)
    it(`${method} says not-found`, async () => {
      await fails('not-found', ask(kit().driver, randomUUID() as ServerId));
    });

  it('have ended, are undefined, hold nothing and have said nothing', async () => {
    const { driver } = kit();
    const server = randomUUID() as ServerId;
    await driver.destroy(server);
    await driver.undefine(server);
    await driver.restoreDefinition(server, newOperation());
    await driver.forgetDefinition(server, newOperation());
    assert.deepEqual(await driver.observe(server), { serverId: server, power: 'absent' });
    assert.equal(await driver.consoleLog(server, null), '');
  });

  it('off: pause, unpause, suspend, resume and an NMI say conflict and leave it off; a guest without disks does not start', async () => {
    const { driver } = kit();
    const plan = newPlan(kit());
    const { serverId } = plan;
    await driver.define({ plan, serial: null, operation: newOperation() });
    await fails('conflict', driver.pause(serverId));
    await fails('conflict', driver.unpause(serverId));
    await fails('conflict', driver.suspend(serverId));
    await fails('conflict', driver.resume(serverId));
    await fails('conflict', driver.injectNmi(serverId));
    await assert.rejects(driver.start(serverId), Failure);
    assert.equal((await driver.observe(serverId)).power, 'shutdown');
    assert.equal(await driver.shutdown(serverId, SHUTDOWN_MS), true, 'it is off');
    await remove(kit(), plan);
  });
}

/** One guest's life. Each boot is counted by the guest itself, on its disk. */
export function powerLaws(kit: () => Kit): void {
  let plan: GuestPlan;
  const own = randomUUID();
  const later = randomUUID();
  const power = async () => (await kit().driver.observe(plan.serverId)).power;

  it('start boots the guest with the serial of its definition; a running guest stays as it is', async () => {
    const { lab, driver } = kit();
    plan = newPlan(kit());
    await driver.createDisks(fromImage(kit(), plan), never);
    await driver.define({ plan, serial: own, operation: newOperation() });
    assert.equal(await power(), 'shutdown');
    await driver.start(plan.serverId);
    await driver.start(plan.serverId);
    assert.equal(await power(), 'running');
    assert.deepEqual(await lab.guestSays(plan.serverId, 1), { serial: own, uuid: plan.serverId });
    await fails('conflict', driver.undefine(plan.serverId));
    assert.equal(await power(), 'running', 'a running guest is not undefined');
  });

  it('the console log gives its last lines', async () => {
    const { driver } = kit();
    const all = await driver.consoleLog(plan.serverId, null);
    assert.match(all, new RegExp(`serial=${own} `));
    assert.equal(await driver.consoleLog(plan.serverId, 0), '');
    const last = await driver.consoleLog(plan.serverId, 2);
    assert.match(last, /^[^\n]+\n[^\n]*$/, 'one line, and what follows its end');
    assert.ok((await driver.consoleLog(plan.serverId, null)).includes(last));
  });

  it('a definition written while the guest runs takes effect at its next start', async () => {
    const { lab, driver } = kit();
    await driver.define({ plan, serial: later, operation: newOperation() });
    assert.equal(await power(), 'running');
    assert.equal(await lab.definedSerial(plan.serverId), later);
    assert.equal(await lab.runningSerial(plan.serverId), own);
    await driver.destroy(plan.serverId);
    await driver.destroy(plan.serverId);
    assert.equal(await power(), 'shutdown');
    await driver.start(plan.serverId);
    assert.deepEqual(await lab.guestSays(plan.serverId, 2), { serial: later, uuid: plan.serverId });
  });

  it('guests outlive the driver, and are found again', async () => {
    const { lab } = kit();
    await lab.reopen();
    assert.equal(await power(), 'running');
    const found = (await kit().driver.guests()).filter(({ serverId }) => serverId === plan.serverId);
    assert.deepEqual(found, [{ serverId: plan.serverId, power: 'running' }]);
  });

  it('pause and unpause, each once or twice', async () => {
    const { driver } = kit();
    await driver.pause(plan.serverId);
    await driver.pause(plan.serverId);
    assert.equal(await power(), 'paused');
    await driver.unpause(plan.serverId);
    await driver.unpause(plan.serverId);
    assert.equal(await power(), 'running');
  });

  it('an NMI is sent to a guest that runs or is paused, and leaves its power', async () => {
    const { driver } = kit();
    await driver.injectNmi(plan.serverId);
    assert.equal(await power(), 'running');
    await driver.pause(plan.serverId);
    await driver.injectNmi(plan.serverId);
    assert.equal(await power(), 'paused');
    await driver.unpause(plan.serverId);
  });

  it('a soft reboot boots the same definition', async () => {
    const { lab, driver } = kit();
    assert.equal(await driver.softReboot(plan.serverId, SHUTDOWN_MS), true);
    assert.equal(await power(), 'running');
    assert.deepEqual(await lab.guestSays(plan.serverId, 3), { serial: later, uuid: plan.serverId });
  });

  it('resume goes on from saved memory, in the definition that the guest had', async () => {
    const { lab, driver } = kit();
    await driver.suspend(plan.serverId);
    await driver.suspend(plan.serverId);
    assert.equal(await power(), 'shutdown');
    await driver.define({ plan, serial: own, operation: newOperation() });
    await lab.reopen();
    await kit().driver.resume(plan.serverId);
    await kit().driver.resume(plan.serverId);
    assert.equal(await power(), 'running');
    assert.equal(await lab.runningSerial(plan.serverId), later, 'no boot, no new serial');
    assert.equal(await lab.definedSerial(plan.serverId), own);
  });

  it('start discards saved memory', async () => {
    const { lab, driver } = kit();
    await driver.suspend(plan.serverId);
    await driver.start(plan.serverId);
    assert.deepEqual(await lab.guestSays(plan.serverId, 4), { serial: own, uuid: plan.serverId });
    await driver.start(plan.serverId);
    assert.equal(await power(), 'running');
  });

  it('shutdown asks the guest, which goes', async () => {
    const { driver } = kit();
    assert.equal(await driver.shutdown(plan.serverId, SHUTDOWN_MS), true);
    assert.equal(await driver.shutdown(plan.serverId, SHUTDOWN_MS), true);
    assert.equal(await power(), 'shutdown');
  });

  it('a copied disk holds what the guest wrote', async () => {
    const { lab, driver } = kit();
    const copy = { ...plan, flavor: { ...plan.flavor, rootGb: 2 }, diskSet: 'second' };
    await driver.createDisks({ plan: copy, from: { copyOf: 'first' } }, never);
    await driver.define({ plan: copy, serial: null, operation: newOperation() });
    await driver.start(plan.serverId);
    assert.deepEqual(await lab.guestSays(plan.serverId, 5), { serial: null, uuid: plan.serverId });
    await remove(kit(), plan);
  });
}
