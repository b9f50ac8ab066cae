import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { libvirtHostObstacle } from '../lab/libvirt-host.ts';
import { natsObstacle } from '../lab/nats.ts';
import { openstackWith } from '../lab/openstack.ts';

const LAB = new URL('../lab/lab.ts', import.meta.url).pathname;
const obstacle = libvirtHostObstacle() ?? natsObstacle() ?? false;

describe('npm run lab', { skip: obstacle, timeout: 300_000 }, () => {
  it('is a cloud of three hosts for an unmodified client, and leaves nothing behind', async (t) => {
    const stateDir = await mkdtemp(join(tmpdir(), 'np-lab-state-'));
    const lab = spawn(process.execPath, [LAB, '--state-dir', stateDir, '--listen', '127.0.0.1:0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(async () => {
      if (lab.exitCode === null) lab.kill('SIGKILL');
      await rm(stateDir, { recursive: true, force: true });
    });
    const welcome: string[] = [];
    for await (const line of createInterface(lab.stdout)) {
      welcome.push(line);
      if (line.startsWith('Logs and configuration')) break;
    }
    assert.match(welcome.join('\n'), /host1 +auto[\s\S]+host2 +os[\s\S]+host3 +unique/);

    const openstack = openstackWith(join(stateDir, 'clouds.yaml'));
    const create = [
      'server',
      'create',
      '--flavor',
      'n1.unique',
      '--image',
      'nameplate-demo',
      '--nic',
      'none',
    ];
    const id = await openstack(...create, '--wait', 's1', '-f', 'value', '-c', 'id');
    const where = () => openstack('server', 'show', 's1', '-f', 'value', '-c', 'OS-EXT-SRV-ATTR:host');
    const first = await where();
    await openstack('server', 'migrate', '--live-migration', '--wait', 's1');
    assert.notEqual(await where(), first);
    await openstack('server', 'reboot', '--hard', '--wait', 's1');
    const lines = async () => openstack('console', 'log', 'show', 's1');
    while (!/boot=2/.test(await lines()));
    assert.match(await lines(), new RegExp(`serial=${id} .*boot=2`));

    const ended = once(lab, 'exit');
    for (const told of ['SIGTERM', 'SIGINT', 'SIGTERM'] as const) lab.kill(told); // npm and a terminal tell it more than once
    assert.deepEqual(await ended, [0, null]);
    assert.equal(existsSync(join(stateDir, 'lab')), false);
    assert.deepEqual(await processesThatName(stateDir), []);
  });
});

/** Command lines of processes in which a text stands. */
async function processesThatName(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(text)) found.push(line.replaceAll('\0', ' '));
  }
  return found;
}
