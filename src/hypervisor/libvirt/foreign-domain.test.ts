import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { connect, xmlFlags } from 'libvirt-rpc';
import { driverOptionsOn } from '../../../test/lab/libvirt-driver-options.ts';
import { libvirtHostObstacle, startLibvirtHost } from '../../../test/lab/libvirt-host.ts';
import type { OperationId, ServerId } from '../../model/ids.ts';
import { createLibvirtDriver } from './driver.ts';
import { samplePlan } from './sample-plan.ts';

test('a domain of somebody else with the UUID of a server is seen, and neither changed nor ended', {
  skip: libvirtHostObstacle(),
  timeout: 120_000,
}, async (t) => {
  const host = await startLibvirtHost({ name: 'foreign' });
  t.after(() => host.stop());
  const images = {
    open: async () => {
      throw new Error('no image is read');
    },
  };
  const driver = await createLibvirtDriver(driverOptionsOn(host, images));
  t.after(() => driver.close());
  const libvirt = await connect(host.uri);
  t.after(() => libvirt.close());
  const serverId = randomUUID() as ServerId;
  const domain = await libvirt.domainDefineXMLFlags({
    xml: `<domain type='qemu'><name>theirs</name><uuid>${serverId}</uuid><memory unit='MiB'>64</memory><os><type arch='x86_64' machine='pc'>hvm</type></os></domain>`,
  });
  const definition = () => libvirt.domainGetXMLDesc({ domain, flags: xmlFlags.inactive });
  const before = await definition();

  assert.equal((await driver.observe(serverId)).power, 'shutdown');
  assert.equal(await driver.machineIdentity(serverId), null);
  const operation = randomUUID() as OperationId;
  const plan = samplePlan({ serverId, domainName: 'instance-00000001' });
  await assert.rejects(driver.define({ plan, serial: null, operation }), { kind: 'conflict' });
  await driver.restoreDefinition(serverId, operation);
  await driver.destroy(serverId);
  await driver.undefine(serverId);
  await driver.deleteDisks(serverId, 'all');
  assert.equal(await definition(), before);
});
