import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { libvirtHostObstacle, startLibvirtHost } from './libvirt-host.ts';
import { type SwitchedHost, startLibvirtHosts } from './libvirt-hosts.ts';

describe('a private libvirt host', { skip: libvirtHostObstacle() ?? false }, () => {
  it('has its own names, its own daemon that comes back, and leaves nothing behind', async (t) => {
    const hostUuid = '00000007-1ab0-4000-8000-000000000007';
    const machineId = '3ac00007000000000000000000000007';
    const host = await startLibvirtHost({ name: 'host7', machineId, hostUuid });
    t.after(() => host.stop());
    assert.equal((await host.exec('hostname')).stdout.trim(), 'host7');
    assert.equal((await host.exec('cat', ['/etc/machine-id'])).stdout.trim(), machineId);
    assert.match((await host.exec('virsh', ['capabilities'])).stdout, new RegExp(`<uuid>${hostUuid}</uuid>`));
    await writeFile(join(host.shared, 'note'), 'seen');
    assert.equal((await host.exec('cat', [join(host.shared, 'note')])).stdout, 'seen');

    await host.killDaemon();
    await assert.rejects(host.exec('virsh', ['uri']));
    await host.restartDaemon();
    assert.equal((await host.exec('virsh', ['uri'])).stdout.trim(), 'qemu:///system');

    await host.stop();
    assert.equal(existsSync(host.root), false);
    assert.throws(() => process.kill(host.pid, 0), { code: 'ESRCH' });
  });

  it('ends with the process that started it, however that ends', async () => {
    const lab = new URL('./libvirt-host.ts', import.meta.url).href;
    const program = `const { startLibvirtHost } = await import(${JSON.stringify(lab)});
      const { pid, root } = await startLibvirtHost({ name: 'orphan' });
      console.log(JSON.stringify({ pid, root }));
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    const { pid, root } = JSON.parse(line) as { pid: number; root: string };
    assert.ok(existsSync(`/proc/${pid}`));
    child.kill('SIGKILL');
    await once(child, 'exit');
    while (existsSync(`/proc/${pid}`)) await delay(10); // a stranger's child: its end is no event of ours
    await rm(root, { recursive: true });
  });

  it('reaches others on a network that only they have, until its wire is cut', async (t) => {
    const lab = await startLibvirtHosts({ count: 2 });
    t.after(() => lab.stop());
    const [one, other] = lab.hosts as [SwitchedHost, SwitchedHost];
    const nameOfOther = ['-c', `qemu+tcp://${other.address}/system`, 'hostname'];
    assert.equal((await one.exec('virsh', nameOfOther)).stdout.trim(), 'host2');
    await writeFile(join(lab.shared, 'note'), 'seen');
    for (const host of lab.hosts)
      assert.equal((await host.exec('cat', [join(lab.shared, 'note')])).stdout, 'seen');
    await other.setWire('down');
    const ping = () => one.exec('bash', ['-c', `timeout 1 bash -c '</dev/tcp/${other.address}/16509'`]);
    await assert.rejects(ping());
    await other.setWire('up');
    await ping();
    await lab.stop();
    for (const path of [lab.shared, one.root, other.root]) assert.equal(existsSync(path), false);
    assert.throws(() => process.kill(other.pid, 0), { code: 'ESRCH' });
  });
});
