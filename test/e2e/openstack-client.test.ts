import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cloudsYaml } from '../../src/cli/clouds-yaml.ts';
import { ComputeClient } from '../lab/compute-client.ts';
import { type LibvirtHost, libvirtHostObstacle, startLibvirtHost } from '../lab/libvirt-host.ts';
import { openstackWith } from '../lab/openstack.ts';
import {
  ADMIN_PASSWORD,
  makeStateDir,
  removeStateDir,
  startTestService,
  type TestService,
} from '../lab/service.ts';

const PLAIN_FLAVOR = 'n1.tiny';
const IMAGE = 'nameplate-demo';

describe('the unmodified openstack client', { skip: libvirtHostObstacle() ?? false }, () => {
  let host: LibvirtHost;
  let stateDir: string;
  let service: TestService;
  let openstack: (...words: string[]) => Promise<string>;
  let client: ComputeClient;

  before(async () => {
    host = await startLibvirtHost({ name: 'client' });
    stateDir = await makeStateDir();
    service = await startTestService({
      stateDir,
      settings: {
        libvirt: { connection_uri: host.uri, virt_type: 'qemu' },
        nameplate: { machine_id_file: host.machineIdFile },
      },
    });
    const clouds = join(stateDir, 'clouds.yaml');
    await writeFile(clouds, cloudsYaml({ url: service.url, password: ADMIN_PASSWORD }));
    openstack = openstackWith(clouds);
    client = await ComputeClient.login(service.url);
  });

  after(async () => {
    await service?.close();
    await host?.stop();
    if (stateDir !== undefined) await removeStateDir(stateDir);
  });

  /** The id of a new server, and the serial in the last line of its console log, by the client alone. */
  async function boot(
    name: string,
    { flavor, image }: { flavor: string; image: string },
  ): Promise<[string, string]> {
    await openstack(
      'server',
      'create',
      '--flavor',
      flavor,
      '--image',
      image,
      '--nic',
      'none',
      '--wait',
      name,
    );
    const id = await openstack('server', 'show', '-f', 'value', '-c', 'id', name);
    return [id, await serialIn(name, id)];
  }

  /** Waits until the guest has printed its line in another boot; the line itself is read by the client. */
  async function serialIn(name: string, id: string, { notBoot }: { notBoot?: string } = {}): Promise<string> {
    await client.guestLine(id, { notBoot });
    const lines = (await openstack('console', 'log', 'show', name)).split('\n');
    return (
      /nameplate-demo serial=(\S+)/.exec(
        lines.findLast((line) => line.startsWith('nameplate-demo serial')) ?? '',
      )?.[1] ?? ''
    );
  }

  async function afterwards(name: string, id: string, act: () => Promise<unknown>): Promise<string> {
    const { bootId } = await client.guestLine(id);
    await act();
    await client.rests(id, await openstack('server', 'show', '-f', 'value', '-c', 'status', name));
    return serialIn(name, id, { notBoot: bootId });
  }

  test('a flavor with hw:unique_serial=true gives the guest the server’s id, through every operation', async () => {
    await openstack(
      'flavor',
      'create',
      '--ram',
      '128',
      '--disk',
      '1',
      '--vcpus',
      '1',
      '--property',
      'hw:unique_serial=true',
      'own',
    );
    const [id, serial] = await boot('s1', { flavor: 'own', image: IMAGE });
    assert.equal(serial, id);
    assert.equal(
      await afterwards('s1', id, () => openstack('server', 'reboot', '--hard', '--wait', 's1')),
      id,
    );
    await openstack('server', 'stop', 's1');
    await client.rests(id, 'SHUTOFF');
    assert.equal(
      await afterwards('s1', id, async () => {
        await openstack('server', 'start', 's1');
        await client.rests(id, 'ACTIVE');
      }),
      id,
    );
    assert.equal(
      await afterwards('s1', id, () => openstack('server', 'rebuild', '--image', IMAGE, '--wait', 's1')),
      id,
    );
    await openstack('server', 'delete', '--wait', 's1');
  });

  test('so does an image with hw_unique_serial=true', async () => {
    const { kernel_id, ramdisk_id, os_command_line } = JSON.parse(
      await openstack('image', 'show', '-f', 'json', '-c', 'properties', IMAGE),
    ).properties;
    const disk = join(stateDir, 'disk.raw');
    await openstack('image', 'save', '--file', disk, IMAGE);
    await openstack(
      ...[
        'image',
        'create',
        '--disk-format',
        'ami',
        '--container-format',
        'ami',
        '--file',
        disk,
        '--property',
        'hw_unique_serial=yes',
      ],
      ...['--property', `kernel_id=${kernel_id}`, '--property', `ramdisk_id=${ramdisk_id}`],
      ...['--property', `os_command_line=${os_command_line}`, 'own-image'],
    );
    const [id, serial] = await boot('s2', { flavor: PLAIN_FLAVOR, image: 'own-image' });
    assert.equal(serial, id);
    await openstack('server', 'delete', '--wait', 's2');
  });

  test('with neither it is the host’s, and a resize to a unique flavor brings the server in', async () => {
    const [id, serial] = await boot('s3', { flavor: PLAIN_FLAVOR, image: IMAGE });
    assert.equal(serial.replaceAll('-', ''), host.machineId);
    const resized = await afterwards('s3', id, () =>
      openstack('server', 'resize', '--flavor', 'n1.unique', '--wait', 's3'),
    );
    assert.equal(resized, id);
    await openstack('server', 'resize', 'confirm', 's3');
    await client.rests(id, 'ACTIVE');
    const events = await openstack('server', 'event', 'list', '-f', 'value', '-c', 'Action', 's3');
    assert.deepEqual(events.split('\n').sort(), ['confirmResize', 'create', 'resize']);
    await openstack('server', 'delete', '--wait', 's3');
  });

  test('a word that is no boolean is refused where it is written, and nothing is stored', async () => {
    await assert.rejects(
      openstack('flavor', 'set', '--property', 'hw:unique_serial=perhaps', PLAIN_FLAVOR),
      /yes/,
    );
    await assert.rejects(
      openstack('image', 'set', '--property', 'hw_unique_serial=perhaps', IMAGE),
      /yes|400/,
    );
    assert.doesNotMatch(await openstack('flavor', 'show', PLAIN_FLAVOR), /unique/);
    assert.doesNotMatch(await openstack('image', 'show', IMAGE), /unique/);
  });

  test('nothing is left on the host afterwards', async () => {
    const { stdout } = await host.exec('virsh', ['list', '--all', '--name']);
    assert.equal(stdout.trim(), '');
  });
});
