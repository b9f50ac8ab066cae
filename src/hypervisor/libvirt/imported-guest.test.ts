import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { demoGuest } from '../../../test/lab/demo-guest.ts';
import { driverOptionsOn } from '../../../test/lab/libvirt-driver-options.ts';
import { libvirtHostObstacle, startLibvirtHost } from '../../../test/lab/libvirt-host.ts';
import type { OperationId, ServerId } from '../../model/ids.ts';
import { createLibvirtDriver } from './driver.ts';
import { samplePlan } from './sample-plan.ts';

const never = new AbortController().signal;

test('an imported guest reads the serial, UUID and product of the old machine', {
  skip: libvirtHostObstacle(),
  timeout: 240_000,
}, async (t) => {
  const demo = await demoGuest();
  const host = await startLibvirtHost({ name: 'imported' });
  t.after(() => host.stop());
  const driver = await createLibvirtDriver(driverOptionsOn(host, demo.images));
  t.after(() => driver.close());
  const smbios = { manufacturer: 'ACME', product: 'Anvil', version: '7', family: '' };
  const serverId = randomUUID() as ServerId;
  const plan = samplePlan({
    ...{ serverId, domainName: 'instance-00000001', flavor: { ramMb: demo.ramMb } },
    given: { serial: 'VMware-42_1d', smbios, machineType: 'pc', diskSerials: { root: 'WD-42' } },
    image: demo.image,
  });
  await driver.createDisks({ plan, from: 'image', contents: demo.contents }, never);
  await driver.define({ plan, serial: 'VMware-42_1d', operation: randomUUID() as OperationId });
  await driver.start(serverId);
  const line = /nameplate-demo serial=.*/;
  while (!line.test(await driver.consoleLog(serverId, null))) await delay(50);
  const said = line.exec(await driver.consoleLog(serverId, null))?.[0] ?? '';
  assert.match(said, new RegExp(`serial=VMware-42_1d uuid=${serverId} product=Anvil `, 'i'));
  await driver.destroy(serverId);
});
