import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  type LibvirtHost,
  libvirtHostObstacle,
  startLibvirtHost,
} from '../../../../test/lab/libvirt-host.ts';
import { hasHardwareUuid, uuidFor } from './host-uuid.ts';

const obstacle = libvirtHostObstacle();
const GUEST = `<domain type='qemu'><name>other</name><memory>65536</memory>
  <os><type arch='x86_64'>hvm</type></os><devices><controller type='usb' model='none'/></devices></domain>`;

/** Begins a service's use of libvirt, and ends it: run inside the host, where no daemon is. */
const use = (directory: string) => `
  import { LibvirtLink } from '${new URL('../connection/libvirt-link.ts', import.meta.url)}';
  import { defaultUri, OwnDaemon } from '${new URL('./own-daemon.ts', import.meta.url)}';
  const uri = defaultUri();
  const log = (event, fields) => console.log(event, JSON.stringify(fields));
  const daemon = new OwnDaemon({ uri, directory: '${directory}', log });
  const link = new LibvirtLink({ uri, log, prepare: () => daemon.ensure() });
  try {
    const xml = await link.read('reading capabilities', (libvirt) => libvirt.connectGetCapabilities());
    console.log('host', /<uuid>(.*)<\\/uuid>/.exec(xml)[1]);
  } catch (error) {
    console.log(error.kind, error.operatorText);
  }
  await daemon.release(link);
`;

describe('a libvirt daemon of our own', { skip: obstacle, timeout: 60_000 }, () => {
  let host: LibvirtHost;
  before(async () => {
    host = await startLibvirtHost({ name: 'bare' });
    await host.killDaemon();
    await host.exec('bash', ['-c', 'rm -rf /run/libvirt /run/libvirtd.pid']);
  });
  after(() => host?.stop());

  const useIt = async (directory = join(host.shared, 'own')) =>
    (await host.exec(process.execPath, ['--input-type=module', '-e', use(directory)])).stdout;
  const running = async (program: string) => {
    const { stdout } = await host.exec('bash', ['-c', `pgrep -x ${program} || true`]);
    return stdout.trim() === '' ? [] : stdout.trim().split('\n');
  };

  test('is started when none answers, has the same host UUID each time, and is ended', async () => {
    const first = await useIt();
    assert.match(first, /libvirtd-starting {"uri":"qemu:\/\/\/system"/);
    const uuid = /^host (.*)$/m.exec(first)?.[1];
    assert.match(uuid ?? '', /^[0-9a-f-]{36}$/);
    if (!(await hasHardwareUuid()))
      assert.match(first, new RegExp(`host-uuid-kept {"uuid":"${uuid}","path":`));
    assert.deepEqual(await running('libvirtd'), []);
    assert.deepEqual(await running('virtlogd'), []);
    assert.equal(/^host (.*)$/m.exec(await useIt())?.[1], uuid);
  });

  test('has the same host UUID also when what is kept of it is lost', async () => {
    const uuid = /^host (.*)$/m.exec(await useIt())?.[1];
    await rm(join(host.shared, 'own', 'host-uuid'), { force: true });
    assert.equal(/^host (.*)$/m.exec(await useIt())?.[1], uuid);
  });

  test('goes on while guests run, is found again, and is ended after them', async () => {
    const path = join(host.shared, 'guest.xml');
    await writeFile(path, GUEST);
    await host.exec('bash', ['-c', `mkdir -p ${host.shared}/own`]);
    const withGuest = use(join(host.shared, 'own')).replace(
      'await daemon.release',
      `const { execFileSync } = await import('node:child_process');
       execFileSync('virsh', ['create', '${path}']);
       await daemon.release`,
    );
    const { stdout } = await host.exec(process.execPath, ['--input-type=module', '-e', withGuest]);
    assert.match(stdout, /libvirtd-kept .*"guests":1/);
    const [pid] = await running('libvirtd');
    assert.ok(pid !== undefined);

    const second = await useIt();
    assert.doesNotMatch(second, /starting one/);
    assert.deepEqual(await running('libvirtd'), [pid]);

    await host.exec('virsh', ['destroy', 'other']);
    await useIt();
    assert.deepEqual(await running('libvirtd'), []);
  });

  test('of others is left alone', async () => {
    await host.restartDaemon();
    const [pid] = await running('libvirtd');
    const text = await useIt(join(host.shared, 'elsewhere'));
    assert.match(text, new RegExp(`host ${host.hostUuid}`));
    assert.deepEqual(await running('libvirtd'), [pid]);
    await host.killDaemon();
  });

  test('that does not start is unavailable, and its words are told', async () => {
    await host.exec('bash', ['-c', 'rm -rf /run/libvirt && touch /run/libvirt']);
    assert.match(await useIt(join(host.shared, 'broken')), /^unavailable libvirtd does not start: /m);
    await host.exec('bash', ['-c', 'rm /run/libvirt']);
  });
});

test('the host UUID of a machine-id and a name is a UUID that tells neither, and no two share one', () => {
  const made = ['a', 'b'].flatMap((name) => ['0123', '4567'].map((id) => uuidFor(id.repeat(8), name)));
  assert.equal(new Set(made).size, 4);
  for (const uuid of made)
    assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(uuidFor('0123'.repeat(8), 'a'), made[0]);
});
