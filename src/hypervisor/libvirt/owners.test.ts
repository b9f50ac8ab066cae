import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { demoGuest } from '../../../test/lab/demo-guest.ts';
import { driverOptionsOn } from '../../../test/lab/libvirt-driver-options.ts';
import { type LibvirtHost, libvirtHostObstacle, startLibvirtHost } from '../../../test/lab/libvirt-host.ts';
import type { OperationId, ServerId } from '../../model/ids.ts';
import { createLibvirtDriver } from './driver.ts';
import { samplePlan } from './sample-plan.ts';

const never = new AbortController().signal;
const QEMU_USER = 'libvirt-qemu';

/**
 * A host whose guests run as QEMU's own user, who owns the files of a guest while it runs: as libvirt's
 * packages set it up.
 */
async function hostWithUser(): Promise<LibvirtHost> {
  const host = await startLibvirtHost({ name: 'owners' });
  const path = join(host.root, 'etc/libvirt/qemu.conf');
  const lines = (await readFile(path, 'utf8'))
    .split('\n')
    .filter((line) => !/^(user|group|dynamic)/.test(line));
  lines.push(`user = "${QEMU_USER}"`, 'group = "kvm"', 'dynamic_ownership = 1', '');
  await writeFile(path, lines.join('\n'));
  for (const folder of [host.root, host.shared]) await chmod(folder, 0o711); // else guests run as root
  await host.restartDaemon();
  return host;
}

/** Whether the machine's libvirt has a user for guests. */
async function obstacle(): Promise<string | false> {
  const users = await readFile('/etc/passwd', 'utf8');
  return (
    libvirtHostObstacle() ?? (users.includes(`\n${QEMU_USER}:`) ? false : `there is no user ${QEMU_USER}`)
  );
}

test('what guests share stays the agent’s while they run and after it: QEMU’s user can only read it', {
  skip: await obstacle(),
  timeout: 240_000,
}, async (t) => {
  const demo = await demoGuest();
  const host = await hostWithUser();
  t.after(() => host.stop());
  const options = driverOptionsOn(host, demo.images);
  const driver = await createLibvirtDriver(options);
  t.after(() => driver.close());
  const plans = ['1', '2'].map((number) =>
    samplePlan({
      ...{ serverId: randomUUID() as ServerId, domainName: `instance-0000000${number}` },
      flavor: { ramMb: demo.ramMb },
      image: demo.image,
    }),
  );
  const owners = async () => {
    for (const name of await readdir(options.cacheDir)) {
      const { uid, mode } = await stat(join(options.cacheDir, name));
      assert.equal(uid, userInfo().uid, name);
      assert.equal(mode & 0o777, 0o644, name);
    }
  };
  for (const plan of plans) {
    await driver.createDisks({ plan, from: 'image', contents: demo.contents }, never);
    await driver.define({ plan, serial: plan.serverId, operation: randomUUID() as OperationId });
    await driver.start(plan.serverId);
  }
  for (const { serverId } of plans)
    while (!(await driver.consoleLog(serverId, null)).includes('nameplate-demo serial=')) await delay(50);
  const runningAs = await host.exec('ps', ['-C', 'qemu-system-x86_64', '-o', 'user=']);
  assert.match(runningAs.stdout, /libvirt/);
  await owners();
  const [first, second] = plans.map(({ serverId }) => serverId) as [ServerId, ServerId];
  await driver.destroy(first);
  await owners();
  await driver.softReboot(second, 60_000);
  assert.equal((await driver.observe(second)).power, 'running');
  await driver.destroy(second);
  await owners();
});
