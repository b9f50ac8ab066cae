import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { libvirtHostObstacle, startLibvirtHost } from './libvirt-host.ts';

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
});
