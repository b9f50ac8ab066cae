import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it, type TestContext } from 'node:test';
import { buildDemoImage, DEMO_IMAGE_COMMAND_LINE, type DemoImage } from '../../demo-image/build.ts';
import { type GuestIdentity, guestIdentities, valuesOf } from '../lab/guest-identity.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const UUID = '4f1c2a9e-0d6b-4b7e-9a55-2f0c8d1e7b63';
const INTRODUCTION =
  /^nameplate-demo serial=(\S+) uuid=(\S+) product=(\S+) boot=(\d+) uptime=(\d+\.\d\d) boot-id=([0-9a-f-]{36})$/;

/** A guest of the demo image on bare QEMU: what is tested here is the image's own promise. */
class Guest {
  readonly #qemu: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #monitorPath: string;
  #monitor: Socket | undefined;

  constructor(image: DemoImage, directory: string, devices: readonly string[]) {
    this.#monitorPath = join(directory, 'qmp');
    const words = [
      ...['-machine', 'pc,accel=tcg', '-m', String(image.minRamMb), '-nodefaults', '-no-user-config'],
      ...['-display', 'none', '-serial', 'stdio', '-qmp', `unix:${this.#monitorPath},server=on,wait=off`],
      ...['-kernel', image.kernel, '-initrd', image.ramdisk, '-append', DEMO_IMAGE_COMMAND_LINE],
    ];
    this.#qemu = spawn('qemu-system-x86_64', [...words, ...devices], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface(this.#qemu.stdout!)[Symbol.asyncIterator]();
  }

  /** The next console line that fits; the lines before it are passed over. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`the guest ended before it printed ${pattern}`);
      const found = pattern.exec(value.trimEnd());
      if (found !== null) return found;
    }
  }

  /** The next block of all that the guest can be known by. */
  async identity(): Promise<GuestIdentity> {
    const lines: string[] = [];
    for (;;) {
      lines.push((await this.line(/^nameplate-identity .*$/))[0]);
      const [block] = guestIdentities(lines.join('\n'));
      if (block !== undefined) return block;
    }
  }

  type(text: string): void {
    this.#qemu.stdin!.write(`${text}\n`);
  }

  async monitor(command: 'system_powerdown' | 'system_reset'): Promise<void> {
    if (this.#monitor === undefined) {
      this.#monitor = connect(this.#monitorPath);
      await once(this.#monitor, 'data');
      this.#monitor.write('{"execute":"qmp_capabilities"}\n');
      await once(this.#monitor, 'data');
    }
    this.#monitor.write(`{"execute":"${command}"}\n`);
  }

  async ended(): Promise<number | null> {
    if (this.#qemu.exitCode === null && this.#qemu.signalCode === null) await once(this.#qemu, 'exit');
    return this.#qemu.exitCode;
  }

  async kill(): Promise<void> {
    this.#qemu.kill('SIGKILL');
    await this.ended();
    this.#monitor?.destroy();
  }
}

describe('the demo image', { timeout: 300_000 }, () => {
  let image: DemoImage;
  let directory: string;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'nameplate-demo-'));
    image = await buildDemoImage({ cacheDir: join(REPOSITORY, '.cache'), log: () => {} });
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  function boot(t: TestContext, devices: readonly string[]): Guest {
    const guest = new Guest(image, mkdtempSync(join(directory, 'guest-')), devices);
    t.after(() => guest.kill());
    return guest;
  }

  function newDisk(): { path: string; devices: string[] } {
    const path = join(mkdtempSync(join(directory, 'disk-')), 'disk.raw');
    copyFileSync(image.disk, path);
    return { path, devices: ['-drive', `file=${path},format=raw,if=virtio`] };
  }

  it('says what its SMBIOS table holds, counts its boots on its disk, and hears the power button', async (t) => {
    const disk = newDisk();
    const smbios = ['-smbios', `type=1,serial=${UUID},uuid=${UUID},product=OpenStack Nova`];
    const guest = boot(t, [...disk.devices, ...smbios]);
    const [, serial, uuid, product, bootNumber] = await guest.line(INTRODUCTION);
    assert.deepEqual([serial, uuid, product, bootNumber], [UUID, UUID, 'OpenStack_Nova', '1']);

    const [, , , , , later] = await guest.line(INTRODUCTION);
    assert.ok(Number(later) >= 5, 'the second line comes five seconds later');

    await guest.monitor('system_reset');
    assert.equal((await guest.line(INTRODUCTION))[4], '2');

    await guest.monitor('system_powerdown');
    await guest.line(/^nameplate-demo power button pressed$/);
    assert.equal(await guest.ended(), 0);

    const again = boot(t, [...disk.devices, '-smbios', 'type=1,serial=another']);
    const [, changed, , , third] = await again.line(INTRODUCTION);
    assert.deepEqual([changed, third], ['another', '3']);
  });

  it('answers on its console, and goes on when the shell is left', async (t) => {
    const guest = boot(t, ['-smbios', 'type=1,serial=x']);
    const [, , , , bootNumber] = await guest.line(INTRODUCTION);
    assert.equal(bootNumber, '1', 'without a disk each boot is the first');
    guest.type('echo answer=$((6 * 7))');
    await guest.line(/^answer=42$/);
    guest.type('exit');
    await guest.line(INTRODUCTION);
    guest.type('echo again=$((7 * 7))');
    await guest.line(/^again=49$/);
  });

  it('says "none" for a serial that the table does not have', async (t) => {
    const guest = boot(t, []);
    assert.equal((await guest.line(INTRODUCTION))[1], 'none');
  });

  it('prints all that it can be known by, at boot and when the command "identity" is typed', async (t) => {
    const guest = boot(t, [
      ...['-smbios', `type=1,serial=${UUID},uuid=${UUID},product=OpenStack Nova,family=Virtual Machine`],
      ...['-nic', 'user,model=virtio,mac=fa:16:3e:00:00:01', '-device', 'virtio-scsi-pci,id=scsi'],
      ...disk({ drive: 'one', device: 'virtio-blk-pci' }),
      ...disk({ drive: 'two', device: 'ide-hd,bus=ide.0' }),
      ...disk({ drive: 'three', device: 'scsi-hd,bus=scsi.0' }),
    ]);
    const [, , , , , , bootId] = await guest.line(INTRODUCTION);
    const identity = await guest.identity();
    const value = (key: string) => identity.values.get(key);
    assert.equal(identity.bootId, bootId);
    assert.deepEqual(
      ['sys_vendor', 'product_name', 'product_serial', 'product_family'].map((name) => value(`dmi.${name}`)),
      ['QEMU', 'OpenStack Nova', UUID, 'Virtual Machine'],
    );
    assert.match(value('dmi.chassis_version') ?? '', /^pc-i440fx-/);
    assert.deepEqual(valuesOf(identity, 'nic.'), ['fa:16:3e:00:00:01', '10.0.2.15/24']);
    const serials = valuesOf(identity, 'disk.', '.serial').sort();
    assert.deepEqual(serials, ['serial-of-one', 'serial-of-three', 'serial-of-two']);
    assert.match(value('cpu.model') ?? '', /^QEMU Virtual CPU/);
    assert.equal(value('pci.0000:00:00.0'), '060000 8086:1237');

    guest.type('identity');
    const again = await guest.identity();
    const withoutUptime = (of: GuestIdentity) => [...of.values].filter(([key]) => key !== 'uptime');
    assert.deepEqual(withoutUptime(again), withoutUptime(identity));
  });

  /** A disk of the image, with a serial that names its drive. */
  function disk({ drive, device }: { drive: string; device: string }): string[] {
    const { path } = newDisk();
    const described = `${device},drive=${drive},serial=serial-of-${drive}`;
    return ['-drive', `file=${path},format=raw,if=none,id=${drive}`, '-device', described];
  }

  it('leaves a disk alone that is not its own', async (t) => {
    const path = join(directory, 'other.raw');
    const content = Buffer.alloc(1024 * 1024, 'x');
    writeFileSync(path, content);
    const guest = boot(t, ['-drive', `file=${path},format=raw,if=virtio`]);
    assert.equal((await guest.line(INTRODUCTION))[4], '1');
    await guest.kill();
    assert.ok(readFileSync(path).equals(content));
  });

  it('reads its config drive', async (t) => {
    const root = join(directory, 'config-drive');
    const latest = join(root, 'openstack/latest');
    mkdirSync(latest, { recursive: true });
    const keys = { mykey: 'ssh-ed25519 AAAA demo' };
    writeFileSync(
      join(latest, 'meta_data.json'),
      JSON.stringify({ uuid: UUID, hostname: 's1.novalocal', public_keys: keys }),
    );
    writeFileSync(join(latest, 'user_data'), '#!/bin/sh\n');
    const disk = join(directory, 'config.iso');
    execFileSync('genisoimage', ['-quiet', '-r', '-J', '-V', 'config-2', '-o', disk, root], {
      stdio: 'ignore',
    });
    const guest = boot(t, ['-drive', `file=${disk},format=raw,if=ide,media=cdrom,readonly=on`]);
    await guest.line(
      new RegExp(
        `^nameplate-demo config-drive hostname=s1.novalocal instance-id=${UUID} public-key=yes user-data=yes$`,
      ),
    );
  });
});
