import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ComputeClient } from '../lab/compute-client.ts';
import { type LibvirtHost, libvirtHostObstacle, startLibvirtHost } from '../lab/libvirt-host.ts';
import { startTestService, type TestService } from '../lab/service.ts';

const run = promisify(execFile);
const options = { skip: libvirtHostObstacle() ?? false, timeout: 240_000 };

describe('faults of a real host', options, () => {
  let host: LibvirtHost;
  let service: TestService;
  let client: ComputeClient;
  let image: string;
  /** A file system of its own for guests' disks. */
  let disks: string;
  /** Called at each boundary, until it says that it is done. */
  let watcher: ((boundary: string) => void) | undefined;

  before(async () => {
    disks = await mkdtemp(join(tmpdir(), 'np-disks-'));
    await run('mount', ['-t', 'tmpfs', '-o', 'size=512m,mode=711', 'np-disks', disks]); // before the host, which then has it too
    host = await startLibvirtHost({ name: 'faulty' });
    await start();
    image = await client.imageId('nameplate-demo');
    // A disk as large as the image, however small: the file system has less than the one GiB that flavors
    // count in.
    const flavor = { id: 'diskless', name: 'diskless', ram: 128, vcpus: 1, disk: 0 };
    await client.ask('POST', '/flavors', { flavor });
    const extra_specs = { 'hw:unique_serial': 'true' };
    await client.ask('POST', '/flavors/diskless/os-extra_specs', { extra_specs });
  });
  after(async () => {
    await service?.close();
    await host?.stop();
    await run('umount', ['--lazy', disks]);
    await rm(disks, { recursive: true });
  });

  async function start(): Promise<void> {
    service = await startTestService({
      stateDir: join(host.shared, 'state'),
      settings: {
        DEFAULT: { instances_path: disks },
        nameplate: { driver: 'libvirt', machine_id_file: host.machineIdFile },
        libvirt: { connection_uri: host.uri },
      },
      onBoundary: ({ boundary }) => watcher?.(boundary),
    });
    client = await ComputeClient.login(service.url, 20);
  }

  /** Resolves when some operation comes to the boundary. */
  function reaches(wanted: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    watcher = (boundary) => {
      if (boundary === wanted) resolve();
    };
    return promise;
  }

  const create = (name: string) => client.createServer({ name, imageRef: image, flavorRef: 'diskless' });
  const ours = async () => (await readdir(disks)).filter((name) => name !== '_base');

  describe('libvirtd killed in the middle of an operation', () => {
    it('that comes back: the build goes on', { timeout: 60_000 }, async () => {
      const half = reaches('step done: schedule');
      const id = await create('waits');
      await half;
      await host.killDaemon();
      await host.restartDaemon();
      await client.rests(id, 'ACTIVE');
      const { stdout } = await host.exec('virsh', ['dumpxml', id]);
      assert.match(stdout, new RegExp(`<entry name='serial'>${id}<`));

      const defined = reaches('step done: define');
      await client.ask('POST', `/servers/${id}/action`, { reboot: { type: 'HARD' } });
      await defined;
      await host.killDaemon();
      await host.restartDaemon();
      await client.rests(id, 'ACTIVE');
      assert.equal((await host.exec('virsh', ['domstate', id])).stdout.trim(), 'running');
      await client.gone(id);
      assert.deepEqual(await ours(), []);
    });

    it('that stays away: the fault says so, and the server can be deleted when it is back', {
      timeout: 60_000,
    }, async () => {
      await host.killDaemon();
      const id = await create('in-vain');
      await client.rests(id, 'ERROR');
      const { fault } = await client.show(id);
      assert.match(fault?.message ?? '', /^The compute host's hypervisor does not answer: .* guest /);
      await host.restartDaemon();
      await client.gone(id);
      assert.deepEqual(await ours(), []);
      assert.equal((await host.exec('virsh', ['list', '--all', '--name'])).stdout.trim(), '');
    });
  });

  it('disks that could not be deleted when their guest went are taken away at the next start, and no others', {
    timeout: 60_000,
  }, async () => {
    const [stays, goes] = await Promise.all(['stays', 'goes'].map(create));
    for (const id of [stays, goes] as string[]) await client.rests(id, 'ACTIVE');
    const setsOf = async (id: string) =>
      (await readdir(join(disks, id), { withFileTypes: true }))
        .filter((entry) => entry.isDirectory() && entry.name !== 'definitions')
        .map(({ name }) => name);
    const [set] = await setsOf(stays!);
    const sample = join(disks, 'sample'); // of no server
    await cp(join(disks, goes!), sample, { recursive: true });
    await client.gone(goes!);
    await service.close();
    await cp(sample, join(disks, goes!), { recursive: true });
    const [used] = await setsOf('sample');
    for (const name of ['useless', 'half.partial'])
      await cp(join(sample, used!), join(disks, stays!, name), { recursive: true });
    await start();
    while ((await ours()).includes(goes!) || (await setsOf(stays!)).length > 1) await delay(20); // files tell of no change
    assert.deepEqual(await setsOf(stays!), [set]);
    assert.deepEqual((await ours()).sort(), ['sample', stays].sort(), 'what is no server is not ours');
    assert.equal((await host.exec('virsh', ['domstate', stays!])).stdout.trim(), 'running');
    await client.act(stays!, { reboot: { type: 'HARD' } }, 'ACTIVE');
    await client.gone(stays!);
    await rm(sample, { recursive: true });
    assert.deepEqual(await ours(), []);
  });

  describe('a disk that is full', () => {
    it('fails the build in so many words, leaves nothing, and when there is room again the next build works', {
      timeout: 60_000,
    }, async () => {
      const base = join(disks, '_base');
      for (const name of await readdir(base)) await rm(join(base, name));
      await run('mount', ['-o', 'remount,size=8m', disks]);
      const free = async () => (await statfs(disks)).bfree;
      const before = await free();
      const id = await create('too-much');
      await client.rests(id, 'ERROR');
      const { fault } = await client.show(id);
      assert.match(fault?.message ?? '', /no space left/i);
      assert.deepEqual(await ours(), []);
      assert.deepEqual(await readdir(base), [], 'no half an image is kept');
      assert.ok(before - (await free()) <= 1, 'all its blocks are given back');

      await run('mount', ['-o', 'remount,size=512m', disks]);
      const next = await create('fits');
      await client.rests(next, 'ACTIVE');
      for (const each of [id, next]) await client.gone(each);
      assert.deepEqual(await ours(), []);
    });
  });
});
