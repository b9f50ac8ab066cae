import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { GuestObservation, GuestPlan } from '../../src/model/guest.ts';
import type { ServerId } from '../../src/model/ids.ts';
import { cpuLaws } from './driver-cpu.ts';
import { identityLaws } from './driver-identity.ts';
import { fails, fromImage, type Kit, never, newOperation, newPlan, remove } from './driver-kit.ts';
import type { DriverLab } from './driver-lab.ts';
import { absenceLaws, powerLaws } from './driver-power.ts';
import { variablesLaws } from './driver-variables.ts';

/**
 * Every sentence of the promise in `src/hypervisor/driver.ts`, asked of one implementation. Guests that boot
 * are shared: real ones take seconds.
 */
export function driverLaws(
  name: string,
  open: () => Promise<DriverLab>,
  options: { skip?: string | false; timeout?: number } = {},
): void {
  describe(`the promise of the driver, kept by ${name}`, options, () => {
    let lab: DriverLab;
    before(async () => {
      lab = await open();
    });
    after(async () => lab?.close());
    const kit = (): Kit => ({ lab, driver: lab.driver() });
    describe('disks', () => diskLaws(kit));
    describe('definitions', () => definitionLaws(kit));
    describe('UEFI variables', () => variablesLaws(kit));
    describe('the machine identity', () => identityLaws(kit));
    describe('guests that are not here', () => absenceLaws(kit));
    describe('the CPU', () => cpuLaws(kit));
    describe('power', () => powerLaws(kit));
    describe('the watch', () => watchLaws(kit));
    describe('the host', () => hostLaws(kit));
  });
}

function diskLaws(kit: () => Kit): void {
  it('are made once, and stay as they are when asked for again', async () => {
    const { lab, driver } = kit();
    const plan = newPlan(kit());
    await driver.createDisks(fromImage(kit(), plan), never);
    await driver.createDisks(fromImage(kit(), plan), never);
    assert.deepEqual(await lab.diskSets(plan.serverId), ['first']);
    await remove(kit(), plan);
  });

  it('are made as a copy of another set, which stays', async () => {
    const { lab, driver } = kit();
    const plan = newPlan(kit());
    await driver.createDisks(fromImage(kit(), plan), never);
    const larger = { ...plan, flavor: { ...plan.flavor, rootGb: 2 }, diskSet: 'second' };
    const request = { plan: larger, from: { copyOf: 'first' } } as const;
    await driver.createDisks(request, never);
    await driver.createDisks(request, never);
    assert.deepEqual(await lab.diskSets(plan.serverId), ['first', 'second']);

    const smaller = { ...plan, diskSet: 'third' };
    const failure = await fails(
      'invalid',
      driver.createDisks({ plan: smaller, from: { copyOf: 'second' } }, never),
    );
    assert.equal(failure.message, 'Resize error: Unable to resize disk down.');
    assert.deepEqual(await lab.diskSets(plan.serverId), ['first', 'second']);

    await driver.deleteDisks(plan.serverId, 'first');
    await driver.deleteDisks(plan.serverId, 'first');
    assert.deepEqual(await lab.diskSets(plan.serverId), ['second']);
    await remove(kit(), plan);
  });

  it('cannot be a copy of a set that is not there, and nothing is left', async () => {
    const { lab, driver } = kit();
    const plan = newPlan(kit());
    await fails('not-found', driver.createDisks({ plan, from: { copyOf: 'none' } }, never));
    assert.deepEqual(await lab.diskSets(plan.serverId), []);
    await remove(kit(), plan);
  });

  it('too small for the image are refused, and nothing is left', async () => {
    const { lab, driver } = kit();
    const plan = newPlan(kit(), { image: lab.images.large });
    const failure = await fails('invalid', driver.createDisks(fromImage(kit(), plan), never));
    assert.match(failure.message, /^Flavor's disk is too small for requested image\./);
    assert.deepEqual(await lab.diskSets(plan.serverId), []);
    await remove(kit(), plan);
  });

  it('are made of an image that was fetched ahead, which may be asked for twice', async () => {
    const { lab, driver } = kit();
    const plan = newPlan(kit());
    await driver.cacheImage({ image: plan.image, contents: lab.contents }, never);
    await driver.cacheImage({ image: plan.image, contents: lab.contents }, never);
    assert.deepEqual(await lab.filesOf(plan.serverId), []);
    await driver.createDisks(fromImage(kit(), plan), never);
    assert.deepEqual(await lab.diskSets(plan.serverId), ['first']);
    await fails('not-found', driver.cacheImage({ image: lab.images.vanished }, never));
    await remove(kit(), plan);
  });

  it('keep the image that they are over, however long it has not been used', async () => {
    const { driver } = kit();
    const plan = newPlan(kit());
    await driver.createDisks(fromImage(kit(), plan), never);
    await driver.removeUnusedImages();
    assert.deepEqual(await driver.removeUnusedImages(), [], 'what no disk needs has gone at once');
    const grown = { ...plan, flavor: { ...plan.flavor, rootGb: 2 }, diskSet: 'second' };
    await driver.createDisks({ plan: grown, from: { copyOf: 'first' } }, never);
    await remove(kit(), plan);
  });

  it('of an image that vanished are refused as not found, and nothing is left', async () => {
    const { lab, driver } = kit();
    const plan = newPlan(kit(), { image: lab.images.vanished });
    await fails('not-found', driver.createDisks(fromImage(kit(), plan), never));
    assert.deepEqual(await lab.diskSets(plan.serverId), []);
    await remove(kit(), plan);
  });

  it('are not made when the asker gave up, and nothing is left', async () => {
    const { lab, driver } = kit();
    const plan = newPlan(kit());
    await assert.rejects(driver.createDisks(fromImage(kit(), plan), AbortSignal.abort()));
    assert.deepEqual(await lab.diskSets(plan.serverId), []);
    await remove(kit(), plan);
  });

  it('are told as held, with a guest or without, until they are deleted', async () => {
    const { lab, driver } = kit();
    const [bare, defined] = [newPlan(kit()), newPlan(kit())];
    const setsOf = async ({ serverId }: GuestPlan) =>
      (await kit().driver.listServerFiles()).find((each) => each.serverId === serverId)?.sets.toSorted();
    assert.equal(await setsOf(bare), undefined);
    await driver.createDisks(fromImage(kit(), bare), never);
    const copy = { ...bare, diskSet: 'second' };
    await driver.createDisks({ plan: copy, from: { copyOf: bare.diskSet } }, never);
    await driver.createDisks(fromImage(kit(), defined), never);
    await driver.define({ plan: defined, serial: null, operation: newOperation() });
    await lab.reopen();
    assert.deepEqual(await setsOf(bare), ['first', 'second']);
    assert.deepEqual(await setsOf(defined), ['first']);
    await kit().driver.deleteDisks(bare.serverId, 'first');
    assert.deepEqual(await setsOf(bare), ['second']);
    for (const plan of [bare, defined]) await remove(kit(), plan);
    for (const plan of [bare, defined]) assert.equal(await setsOf(plan), undefined);
  });

  it('that are not there are deleted already', async () => {
    const { driver } = kit();
    const server = randomUUID() as ServerId;
    await driver.deleteDisks(server, 'first');
    await driver.deleteDisks(server, 'all');
    await driver.deleteDisks(server, 'all');
  });

  it('outlive the driver', async () => {
    const { lab, driver } = kit();
    const plan = newPlan(kit());
    await driver.createDisks(fromImage(kit(), plan), never);
    await lab.reopen();
    assert.deepEqual(await lab.diskSets(plan.serverId), ['first']);
    await remove(kit(), plan);
  });
}

function definitionLaws(kit: () => Kit): void {
  const serials = ['aaaaaaaa-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000002'] as const;

  it('are put back by the operation that replaced them, once, also after a restart', async () => {
    const { lab } = kit();
    const plan = newPlan(kit());
    const { serverId } = plan;
    const [first, second] = [newOperation(), newOperation()];
    await kit().driver.define({ plan, serial: serials[0], operation: first });
    assert.equal((await kit().driver.observe(serverId)).power, 'shutdown');
    await kit().driver.forgetDefinition(serverId, first);
    await kit().driver.forgetDefinition(serverId, first);

    await kit().driver.define({ plan, serial: serials[1], operation: second });
    await kit().driver.define({ plan, serial: null, operation: second });
    assert.equal(await lab.definedSerial(serverId), null);
    await lab.reopen();
    await kit().driver.restoreDefinition(serverId, second);
    assert.equal(await lab.definedSerial(serverId), serials[0], 'what was there before the operation');

    await kit().driver.define({ plan, serial: serials[1], operation: newOperation() });
    await kit().driver.restoreDefinition(serverId, second);
    assert.equal(await lab.definedSerial(serverId), serials[1], 'nothing is kept any more, nothing is done');
    await remove(kit(), plan);
  });

  it('that were forgotten are not put back', async () => {
    const { lab, driver } = kit();
    const plan = newPlan(kit());
    const operation = newOperation();
    await driver.define({ plan, serial: serials[0], operation: newOperation() });
    await driver.define({ plan, serial: serials[1], operation });
    await driver.forgetDefinition(plan.serverId, operation);
    await driver.restoreDefinition(plan.serverId, operation);
    assert.equal(await lab.definedSerial(plan.serverId), serials[1]);
    await remove(kit(), plan);
  });

  it('are removed when there was none before', async () => {
    const { lab, driver } = kit();
    const plan = newPlan(kit());
    const operation = newOperation();
    await driver.define({ plan, serial: serials[0], operation });
    await driver.restoreDefinition(plan.serverId, operation);
    await driver.restoreDefinition(plan.serverId, operation);
    assert.equal(await lab.definedSerial(plan.serverId), undefined);
    assert.equal((await driver.observe(plan.serverId)).power, 'absent');
    await driver.deleteDisks(plan.serverId, 'all');
    assert.deepEqual(await lab.filesOf(plan.serverId), []);
  });

  it('are removed once and for all', async () => {
    const { lab, driver } = kit();
    const plan = newPlan(kit());
    await driver.define({ plan, serial: serials[0], operation: newOperation() });
    await driver.undefine(plan.serverId);
    await driver.undefine(plan.serverId);
    assert.equal(await lab.definedSerial(plan.serverId), undefined);
    assert.equal((await driver.observe(plan.serverId)).power, 'absent');
    await remove(kit(), plan);
  });
}

function watchLaws(kit: () => Kit): void {
  it('tells of every guest as it is, then of each change, and ends when it is told to', async () => {
    const { driver } = kit();
    const [off, on, undefinedYet] = [newPlan(kit()), newPlan(kit()), newPlan(kit())];
    await driver.createDisks(fromImage(kit(), undefinedYet), never);
    for (const plan of [off, on]) {
      await driver.createDisks(fromImage(kit(), plan), never);
      await driver.define({ plan, serial: null, operation: newOperation() });
    }
    await driver.start(on.serverId);

    const ending = new AbortController();
    const news = driver.watch(ending.signal)[Symbol.asyncIterator]();
    const next = async (server: ServerId, power: string) => {
      for (;;) {
        const { value, done } = await news.next();
        assert.ok(!done, `the watch ended before ${server} was ${power}`);
        if (value.serverId === server && value.power === power) return;
        assert.ok([off.serverId, on.serverId].includes(value.serverId));
      }
    };
    const first = [await news.next(), await news.next()].map(({ value }) => value);
    const sorted = (rows: readonly GuestObservation[]) =>
      [...rows].sort((a, b) => a.serverId.localeCompare(b.serverId));
    assert.deepEqual(
      sorted(first),
      sorted([
        { serverId: off.serverId, power: 'shutdown' },
        { serverId: on.serverId, power: 'running' },
      ]),
    );
    await driver.destroy(on.serverId);
    await next(on.serverId, 'shutdown');
    await driver.start(off.serverId);
    await next(off.serverId, 'running');
    await driver.pause(off.serverId);
    await next(off.serverId, 'paused');
    ending.abort();
    while (!(await news.next()).done);
    for (const plan of [off, on, undefinedYet]) await remove(kit(), plan);
  });
}

function hostLaws(kit: () => Kit): void {
  it('is described, the same each time but for what changes by itself', async () => {
    const { driver } = kit();
    const host = await driver.describeHost();
    assert.notEqual(host.hypervisorHostname, '');
    assert.ok(host.capacity.vcpus > 0 && host.capacity.memoryMb > 0 && host.capacity.diskGb >= 0);
    assert.match(host.hardwareUuid ?? '', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.equal(host.givesSerial, true);
    const { capacity, ...fixed } = host;
    const { capacity: capacityAgain, ...fixedAgain } = await driver.describeHost();
    assert.deepEqual(fixedAgain, fixed);
    assert.equal(capacityAgain.vcpus, capacity.vcpus);
  });

  it('holds no guests in the end', async () => {
    assert.deepEqual(await kit().driver.guests(), []);
  });
}
