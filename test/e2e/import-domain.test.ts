import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { connect, type Libvirt } from 'libvirt-rpc';
import type { ImportOptions } from '../../src/cli/import/import-arguments.ts';
import { serverImport } from '../../src/cli/server-import.ts';
import { type CloudUnderTest, PASSWORD, startCloud } from '../api/cloud-under-test.ts';
import { type LibvirtHost, libvirtHostObstacle, startLibvirtHost } from '../lab/libvirt-host.ts';

const run = promisify(execFile);

/** Domains of a real libvirt; the cloud that they are imported to has simulated guests. */
describe('nameplate server import', { skip: libvirtHostObstacle(), timeout: 300_000 }, () => {
  let host: LibvirtHost;
  let libvirt: Libvirt;
  let cloud: CloudUnderTest;
  let made = 0;
  const here = process.cwd();

  before(async () => {
    host = await startLibvirtHost({ name: 'imports' });
    libvirt = await connect(host.uri);
    cloud = await startCloud();
    process.chdir(host.root); // definitions are kept where the command runs
  });
  after(async () => {
    process.chdir(here);
    assert.deepEqual(cloud.errors, []);
    await cloud.close();
    await libvirt.close();
    await host.stop();
  });

  /** A domain that is off, with a disk of its own. */
  async function domain(more: { disk?: string; devices?: string; sysinfo?: string } = {}) {
    const number = (++made).toString(16).padStart(2, '0');
    const [name, uuid] = [`erp-${number}`, randomUUID()];
    const disk = more.disk ?? join(host.shared, `${name}.qcow2`);
    if (more.disk === undefined) await run('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '8M']);
    const sysinfo =
      more.sysinfo ??
      `<sysinfo type='smbios'><system><entry name='manufacturer'>ACME</entry><entry name='serial'>S-${number}</entry></system></sysinfo>`;
    const mode = sysinfo === '' ? '' : "<smbios mode='sysinfo'/>";
    const xml = `<domain type='qemu'><name>${name}</name><uuid>${uuid}</uuid><memory unit='MiB'>64</memory>${sysinfo}
      <os><type arch='x86_64' machine='pc'>hvm</type>${mode}</os>
      <devices><disk type='file'><driver name='qemu' type='qcow2'/><source file='${disk}'/><target dev='sda' bus='sata'/><serial>WD-${number}</serial></disk>
      <interface type='user'><mac address='52:54:00:aa:bb:${number}'/><model type='e1000'/></interface>${more.devices ?? ''}</devices></domain>`;
    await libvirt.domainDefineXMLFlags({ xml });
    return {
      name,
      uuid,
      disk,
      serial: `S-${number}`,
      diskSerial: `WD-${number}`,
      mac: `52:54:00:aa:bb:${number}`,
    };
  }

  async function nameplate(options: ImportOptions): Promise<string> {
    let said = '';
    const out = (text: string) => {
      said += text;
    };
    const project = { OS_PROJECT_NAME: 'admin', OS_USERNAME: 'admin', OS_PASSWORD: PASSWORD };
    const env = { ...project, OS_AUTH_URL: `${cloud.service.url}/identity/v3` };
    await serverImport({ connect: host.uri, flavor: 'small', ...options }, { out, err: out }, env);
    return said;
  }
  const refused = (options: ImportOptions, message: RegExp) =>
    assert.rejects(nameplate(options), (error: Error) => {
      assert.match((error as { operatorText?: string }).operatorText ?? error.message, message);
      return true;
    });
  const isDefined = async (name: string) =>
    libvirt.domainLookupByName({ name }).then(
      () => true,
      () => false,
    );
  const identityOf = async (id: string): Promise<Record<string, string | null>> => {
    const { body } = await cloud.ask({ path: `/nameplate/v1/servers/${id}/identity`, token: cloud.admin });
    const values: { name: string; value: string | null }[] = body.identity.values;
    return Object.fromEntries(values.map(({ name, value }) => [name.replace(/^port\.[^.]+/, 'port'), value]));
  };

  test('takes over a domain as the same machine, whose definition it keeps in a file', async () => {
    const old = await domain();
    const dry = await nameplate({ domain: old.name, same: true, undefine: true, dryRun: true });
    for (const value of [old.uuid, old.serial, old.diskSerial, old.mac, 'ACME'])
      assert.ok(dry.includes(value), dry);
    assert.equal(await isDefined(old.name), true);

    const said = await nameplate({ domain: old.name, same: true, undefine: true });
    assert.match(said, new RegExp(`Server ${old.uuid} \\(${old.name}\\) is ACTIVE`));
    const values = await identityOf(old.uuid);
    assert.equal(values.serial, old.serial);
    assert.equal(values['disk.root.serial'], old.diskSerial);
    assert.equal(values['port.mac_address'], old.mac);
    assert.match(values.machine_type ?? '', /^pc-i440fx-\d/);
    assert.equal(values['smbios.manufacturer'], 'ACME');
    assert.equal(await isDefined(old.name), false);
    assert.match(await readFile(join(host.root, `${old.uuid}.xml`), 'utf8'), new RegExp(old.name));
    const { body } = await cloud.ask({ path: `/image/v2/images?name=${old.name}`, token: cloud.admin });
    assert.equal(body.images[0].hw_disk_bus, 'sata');
    assert.equal(body.images[0].hw_vif_model, 'e1000');
  });

  test('refuses --same while the domain is defined, and names it', async () => {
    const old = await domain();
    await refused(
      { domain: old.name, same: true },
      new RegExp(`Domain ${old.name} still has this identity.*--undefine.*--copy`),
    );
    assert.equal(await isDefined(old.name), true);
  });

  test('makes a copy with another identity, beside the domain', async () => {
    const old = await domain();
    const said = await nameplate({ domain: old.name, copy: true });
    const id = /Server ([0-9a-f-]{36}) /.exec(said)?.[1] ?? '';
    assert.notEqual(id, old.uuid);
    const values = await identityOf(id);
    assert.notEqual(values.serial, old.serial);
    assert.notEqual(values['disk.root.serial'], old.diskSerial);
    assert.notEqual(values['port.mac_address'], old.mac);
    assert.equal(await isDefined(old.name), true);
  });

  test('leaves the domain, and no image, where a server has its identity', async () => {
    const old = await domain();
    const serial = old.serial;
    await nameplate({ image: cloud.image, same: true, serial });
    await refused(
      { domain: old.name, same: true, undefine: true },
      new RegExp(`serial ${serial} cannot be kept: server [0-9a-f-]{36} has it`),
    );
    assert.equal(await isDefined(old.name), true);
    const { body } = await cloud.ask({ path: `/image/v2/images?name=${old.name}`, token: cloud.admin });
    assert.deepEqual(body.images, []);
  });

  test('defines the domain again where the service refuses the server', async () => {
    const old = await domain();
    await refused(
      { domain: old.name, same: true, undefine: true, flavor: 'no-such-flavor' },
      /no-such-flavor/,
    );
    assert.equal(await isDefined(old.name), true);
  });

  test('opens no file that a disk names', async () => {
    const secret = join(host.shared, 'secret');
    await writeFile(secret, 'x'.repeat(65536));
    const backed = join(host.shared, 'backed.qcow2');
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', secret, backed]);
    const apart = join(host.shared, 'apart.qcow2');
    await run('qemu-img', [
      'create',
      '-q',
      '-f',
      'qcow2',
      '-o',
      `data_file=${join(host.shared, 'data')}`,
      apart,
      '1M',
    ]);
    await refused({ disk: backed, copy: true }, /has a backing file; write a disk of its own first/);
    await refused({ disk: apart, copy: true }, /has its data in another file/);
    const old = await domain({ disk: backed });
    await refused({ domain: old.name, same: true, undefine: true }, /has a backing file/);
    assert.equal(await isDefined(old.name), true);
    await refused({ disk: host.shared, copy: true }, /is no disk|EISDIR/);
  });

  test('uploads a raw disk without its holes', async () => {
    const raw = join(host.shared, 'sparse.raw');
    const file = await open(raw, 'w');
    await file.truncate(512 * 1024 ** 2);
    await file.close();
    const said = await nameplate({ disk: raw, same: true, uuid: randomUUID(), name: 'sparse' });
    assert.match(said, /is ACTIVE/);
    const { body } = await cloud.ask({ path: '/image/v2/images?name=sparse', token: cloud.admin });
    assert.equal(body.images[0].disk_format, 'qcow2');
    assert.ok(body.images[0].size < 1024 ** 2);
  });

  test('refuses what no server can be, with a sentence', async () => {
    const other = join(host.shared, 'second.qcow2');
    const two = await domain({
      devices: `<disk type='file'><driver name='qemu' type='qcow2'/><source file='${other}'/><target dev='sdb' bus='sata'/></disk>`,
    });
    await refused({ domain: two.name, copy: true }, /it has 2 disks, and a server takes over exactly one/);
    const running = await domain();
    const found = await libvirt.domainLookupByName({ name: running.name });
    await libvirt.domainCreate({ domain: found });
    await refused(
      { domain: running.name, copy: true },
      new RegExp(`Domain ${running.name} is running: shut it down first`),
    );
    await libvirt.domainDestroyFlags({ domain: found });
    await refused({ domain: 'nobody', copy: true }, /--domain nobody: libvirt has none of that name/);
    await refused({ domain: running.name }, /give --same or --copy: --same if .* --copy if/);
    await refused({ copy: true }, /give one of --domain, --disk and --image/);
    await refused({ image: cloud.image, copy: true, serial: 'S' }, /--copy makes --serial anew/);
  });
});
