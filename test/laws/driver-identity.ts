import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { GuestPlan } from '../../src/model/guest.ts';
import { hasScreen, type MachineIdentity, withPresentDevices } from '../../src/model/machine-identity.ts';
import { deviatingValues } from '../../src/model/recorded-values.ts';
import { samplePort } from '../lab/sample-port.ts';
import { fromImage, type Kit, never, newOperation, newPlan, remove } from './driver-kit.ts';

/** What a definition says of its guest's identity: the same for each of its definitions, on whatever host. */
export function identityLaws(kit: () => Kit): void {
  const define = (plan: GuestPlan) => kit().driver.define({ plan, serial: null, operation: newOperation() });
  async function newGuest(): Promise<GuestPlan> {
    const plan = newPlan(kit());
    await kit().driver.createDisks(fromImage(kit(), plan), never);
    return plan;
  }

  it('is decided by the first definition: a canonical machine type, and a serial for each disk', async () => {
    const plan = await newGuest();
    const machine = await define(plan);
    assert.match(machine.machineType, /\d/, 'an alias such as pc names another machine on another host');
    assert.match(machine.diskSerials.root ?? '', /^[0-9a-f]{16}root$/);
    assert.ok(machine.addresses['disk/root'], 'the root disk has a place');
    await remove(kit(), plan);
  });

  it('is what an imported server was given, texts that it does not have among them, and stays so', async () => {
    const plain = await newGuest();
    const { machineType, smbios } = await define(plain);
    await remove(kit(), plain);
    const names = { manufacturer: 'ACME', product: '', version: '7', family: '' };
    const given = { machineType, diskSerials: { root: 'WD-42' }, ...(smbios && { smbios: names }) };
    const plan = { ...plain, given };
    await kit().driver.createDisks(fromImage(kit(), plan), never);
    const machine = await define(plan);
    assert.equal(machine.machineType, machineType);
    assert.equal(machine.diskSerials.root, 'WD-42');
    assert.deepEqual(machine.smbios, smbios && names);
    assert.deepEqual(await define({ ...plan, machine }), machine);
    assert.deepEqual((await kit().driver.machineIdentity(plan.serverId))?.smbios, machine.smbios);
    await remove(kit(), plan);
  });

  for (const hw_machine_type of ['pc', 'q35'])
    it(`of a guest of type ${hw_machine_type} is repeated by each later definition, with the identity in the plan or in the old definition`, async () => {
      const plain = await newGuest();
      const properties = { ...plain.image.properties, hw_machine_type };
      const plan = { ...plain, image: { ...plain.image, properties } };
      const first = await define(plan);
      assert.deepEqual(await define(plan), first);
      assert.deepEqual(await define({ ...plan, machine: first }), first);
      await remove(kit(), plan);
    });

  it('is read from the definition, and nothing where there is none', async () => {
    const plan = await newGuest();
    assert.equal(await kit().driver.machineIdentity(plan.serverId), null);
    // Only the running guest says which CPU its definition came to.
    const { cpu: _, ...machine } = await define(plan);
    const {
      cpu: __,
      interfaces,
      ...read
    } = (await kit().driver.machineIdentity(plan.serverId)) ?? assert.fail();
    assert.deepEqual(read, machine);
    assert.deepEqual(interfaces, []);
    await remove(kit(), plan);
  });

  it('comes with the plan to a host without a definition, whatever else that host would choose', async () => {
    const plan = await newGuest();
    const { smbios, diskSerials, ...rest } = await define(plan);
    await remove(kit(), plan);
    const held = {
      ...rest,
      smbios: smbios && { ...smbios, version: '0.0.1' },
      diskSerials: { ...diskSerials, root: 'chosen-by-an-import' },
    };
    await kit().driver.createDisks(fromImage(kit(), plan), never);
    assert.deepEqual(await define({ ...plan, machine: held }), held);
    await remove(kit(), plan);
  });

  it('keeps the place of each device when another one is added, and when that is gone', async () => {
    const plan = await newGuest();
    const first = await define(plan);
    await kit().driver.deleteDisks(plan.serverId, 'first');
    const larger = { ...plan, machine: first, flavor: { ...plan.flavor, ephemeralGb: 1 } };
    await kit().driver.createDisks(fromImage(kit(), larger), never);
    const second = await define(larger);
    assert.equal(second.diskSerials.ephemeral?.slice(-4), 'eph0');
    assert.notEqual(second.addresses['disk/ephemeral'], undefined);
    for (const [device, address] of Object.entries(first.addresses))
      assert.equal(second.addresses[device], address, device);
    assert.deepEqual(await define({ ...plan, machine: second }), second);
    await remove(kit(), plan);
  });

  for (const [machineType, buses] of [
    ['pc', ['virtio', 'scsi', 'ide', 'sata', 'usb']],
    ['q35', ['virtio', 'scsi', 'sata', 'usb']],
  ] as const)
    for (const bus of buses)
      it(`keeps the place of each device of a ${machineType} guest with ${bus} disks when an interface goes`, async () => {
        const plain = await newGuest();
        const hardware = { hw_machine_type: machineType, hw_disk_bus: bus, hw_scsi_model: 'virtio-scsi' };
        const properties = { ...plain.image.properties, ...hardware };
        const image = { ...plain.image, properties };
        const [gone, stays] = [samplePort({ number: 11 }), samplePort({ number: 12 })];
        const plan = { ...plain, image, ports: [gone, stays] };
        const first = await define(plan);
        const second = await define({ ...plan, machine: first, ports: [stays] });
        assert.deepEqual(second.controllers, first.controllers);
        for (const [device, address] of Object.entries(second.addresses))
          assert.equal(address, first.addresses[device], device);
        await remove(kit(), plan);
      });

  it('has the machine type that the image names, when a rebuild changes the image', async () => {
    const plan = await newGuest();
    const machine = await define(plan);
    const other = 'pc-q35-6.2'; // QEMU has it since 2022
    const image = { ...plan.image, properties: { ...plan.image.properties, hw_machine_type: other } };
    assert.equal((await define({ ...plan, image, machine })).machineType, other);
    await remove(kit(), plan);
  });

  it('says of a new guest that it has a screen, and keeps an older guest without one until a rebuild', async () => {
    const plan = await newGuest();
    assert.equal(hasScreen(await define(plan)), true);
    await remove(kit(), plan);
    const old = await newGuest();
    const { devices: _none, ...first } = await define(old);
    const { 'video/0': _video, ...addresses } = first.addresses;
    await remove(kit(), old);
    const machine = { ...first, addresses };
    await kit().driver.createDisks(fromImage(kit(), old), never);
    const kept = await define({ ...old, machine });
    assert.equal(hasScreen(kept), false);
    assert.deepEqual(kept.addresses, addresses);
    assert.equal(hasScreen(await define(old)), false, 'as the definition itself says');
    const rebuilt = await define({ ...old, machine: withPresentDevices(kept) });
    assert.equal(hasScreen(rebuilt), true);
    for (const [device, address] of Object.entries(addresses))
      assert.equal(rebuilt.addresses[device], address, device);
    await remove(kit(), old);
  });

  it('is read from the guest that runs, whatever its definition says by now', async () => {
    const { driver } = kit();
    const plan = await newGuest();
    const { serverId } = plan;
    const defineWith = (serial: string | null, machine?: MachineIdentity) =>
      driver.define({
        plan: machine === undefined ? plan : { ...plan, machine },
        serial,
        operation: newOperation(),
      });
    assert.equal(await driver.readGuest(serverId), null);
    const machine = await defineWith('first');
    assert.equal(await driver.readGuest(serverId), null, 'a guest that is off reads nothing');
    await driver.start(serverId);

    const reading = await driver.readGuest(serverId);
    assert.deepEqual([reading?.uuid, reading?.serial], [serverId, 'first']);
    const server = { id: serverId, machine, configDrive: plan.configDrive, flavor: plan.flavor };
    assert.equal(deviatingValues(server, [], reading!), null);
    const edited = { ...machine, diskSerials: { ...machine.diskSerials, root: 'edited' } };
    await defineWith('second', edited);
    assert.deepEqual(await driver.readGuest(serverId), reading);

    await driver.destroy(serverId);
    assert.equal(await driver.readGuest(serverId), null);
    await driver.start(serverId);
    const next = await driver.readGuest(serverId);
    assert.equal(next?.serial, 'second');
    assert.deepEqual(deviatingValues(server, [], next!), { 'disk.root.serial': 'edited' });
    await driver.pause(serverId);
    assert.deepEqual(await driver.readGuest(serverId), next, 'also while it is paused');
    await remove(kit(), plan);
  });
}
