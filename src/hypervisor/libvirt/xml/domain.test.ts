import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { samplePort } from '../../../../test/lab/sample-port.ts';
import { Failure } from '../../../model/failure.ts';
import type { ImageId } from '../../../model/ids.ts';
import type { MachineIdentity } from '../../../model/machine-identity.ts';
import { samplePlan } from '../sample-plan.ts';
import { decideIdentity } from './decided-identity.ts';
import { domainXml } from './domain.ts';
import type { DomainInputs, GuestFiles } from './domain-inputs.ts';

const run = promisify(execFile);
const instance = '/var/lib/nameplate/instances/8f2c5a10-6f0b-4f0e-9d55-3b1f2a9f7c01';

function files(changes: Partial<GuestFiles> = {}): GuestFiles {
  return {
    root: { path: `${instance}/disks-1/disk`, format: 'qcow2', device: 'disk' },
    kernel: null,
    ramdisk: null,
    configDrive: null,
    swap: null,
    ephemeral: null,
    variables: null,
    consoleLog: `${instance}/console.log`,
    ...changes,
  };
}

function inputs({
  held = null,
  ...changes
}: Partial<DomainInputs> & { held?: MachineIdentity | null } = {}): DomainInputs {
  const { plan = samplePlan(), arch = 'x86_64' } = changes;
  return {
    plan,
    identity: decideIdentity({ plan, held, arch, version: '0.1.0', hostMachineType: undefined }),
    serial: '8f2c5a10-6f0b-4f0e-9d55-3b1f2a9f7c01',
    files: files(),
    base: '/var/lib/nameplate/images/d41d8cd98f00b204e9800998ecf8427e',
    version: '0.1.0',
    creationTime: Date.UTC(2026, 0, 31, 12, 0, 0),
    virtType: 'qemu',
    arch,
    cpuMode: null,
    cpuModel: null,
    heldCpu: null,
    network: { type: 'none' },
    diskCache: 'none',
    runAs: null,
    ...changes,
  };
}

const cases: Record<string, DomainInputs> = {
  plain: inputs(),
  'no-serial': inputs({ serial: null }),
  'kernel-and-ramdisk': inputs({
    plan: samplePlan({
      image: {
        diskFormat: 'ami',
        containerFormat: 'ami',
        kernelId: '11111111-1111-4111-8111-111111111111' as ImageId,
        ramdiskId: '22222222-2222-4222-8222-222222222222' as ImageId,
        properties: { os_command_line: 'console=ttyS0 quiet', hw_unique_serial: 'true' },
      },
    }),
    files: files({ kernel: `${instance}/disks-1/kernel`, ramdisk: `${instance}/disks-1/ramdisk` }),
  }),
  disc: inputs({
    plan: samplePlan({ image: { diskFormat: 'iso' } }),
    files: files({ root: { path: `${instance}/disks-1/disk`, format: 'raw', device: 'cdrom' } }),
    base: null,
  }),
  'all-devices': inputs({
    plan: samplePlan({
      flavor: {
        vcpus: 4,
        ramMb: 2048,
        swapMb: 64,
        ephemeralGb: 1,
        extraSpecs: { 'hw:unique_serial': 'yes' },
      },
      image: {
        properties: {
          hw_disk_bus: 'scsi',
          hw_vif_model: 'e1000',
          hw_video_model: 'vga',
          hw_machine_type: 'q35',
        },
      },
      configDrive: true,
    }),
    files: files({
      configDrive: `${instance}/disks-1/disk.config`,
      swap: `${instance}/disks-1/disk.swap`,
      ephemeral: `${instance}/disks-1/disk.eph0`,
    }),
    network: { type: 'bridge', name: 'br0' },
    runAs: '+0:+0',
  }),
  'guest-agent': inputs({
    plan: samplePlan({ image: { properties: { hw_qemu_guest_agent: 'yes', hw_video_model: 'none' } } }),
  }),
  'first-devices': inputs({
    held: { smbios: null, machineType: 'pc-i440fx-7.2', diskSerials: {}, addresses: {}, controllers: [] },
    plan: samplePlan({ image: { properties: { hw_qemu_guest_agent: 'yes', hw_video_model: 'vga' } } }),
  }),
  'held-identity': inputs({
    held: {
      smbios: { manufacturer: 'M', product: 'P', version: '0.0.9', family: 'F' },
      machineType: 'pc-q35-6.2',
      diskSerials: { root: 'serial-of-root' },
      addresses: { 'disk/root': '0000:03:00.0', 'memballoon/0': '0000:04:00.0', 'rng/0': '0000:05:00.0' },
      controllers: [
        { type: 'pci', index: 0, model: 'pcie-root', modelName: null, target: {}, address: null },
        {
          ...{ type: 'pci', index: 1, model: 'pcie-root-port', modelName: 'pcie-root-port' },
          ...{ target: { chassis: '1', port: '0x10' }, address: '0000:00:02.0' },
        },
        {
          ...{ type: 'pci', index: 2, model: 'pcie-root-port', modelName: 'pcie-root-port' },
          ...{ target: { chassis: '2', port: '0x11' }, address: '0000:00:02.1' },
        },
      ],
    },
    plan: samplePlan({ flavor: { swapMb: 64 }, image: { properties: { hw_machine_type: 'q35' } } }),
    files: files({ swap: `${instance}/disks-1/disk.swap` }),
  }),
  'kvm-network': inputs({
    virtType: 'kvm',
    cpuMode: 'host-passthrough',
    network: { type: 'network', name: 'default' },
    diskCache: 'writeback',
  }),
  'custom-cpu': inputs({ cpuMode: 'custom', cpuModel: 'Nehalem' }),
  aarch64: inputs({
    arch: 'aarch64',
    plan: samplePlan({ image: { properties: { hw_machine_type: 'virt' } } }),
  }),
  'hostile-names': inputs({
    plan: samplePlan({
      displayName: `</nova:name><serial>"forged" & 'quoted'</serial> 🐧\ttab\r\nline`,
      userName: 'a<b>&amp;',
      image: { properties: { 'a"<&>': 'tab\tline\nreturn\r "<&>\' 🐧' } },
    }),
  }),
};

let scratch = '';
before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'domain-xml-'));
});
after(() => rm(scratch, { recursive: true, force: true }));

for (const [name, given] of Object.entries(cases)) {
  test(`the definition '${name}' is as its golden file and valid by libvirt's schema`, async () => {
    const xml = domainXml(given);
    const golden = new URL(`./golden/${name}.xml`, import.meta.url);
    if (process.env.UPDATE_GOLDEN === '1') await writeFile(golden, xml);
    assert.equal(xml, await readFile(golden, 'utf8'));
    const path = join(scratch, `${name}.xml`);
    await writeFile(path, xml);
    await run('virt-xml-validate', [path, 'domain']);
  });
}

/** XML 1.0 section 2.2: what is not a Char. */
function isUnwritable(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return code !== 9 && code !== 10 && code !== 13;
  return (code >= 0xd800 && code < 0xe000) || code === 0xfffe || code === 0xffff;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  htmlEntities: true,
});

function readBack(xml: string): { name: string; property: string; spec: string } {
  const { 'nova:instance': instance } = parser.parse(xml).domain.metadata;
  return {
    name: instance['nova:name'],
    property: instance['nova:image']['nova:properties']['nova:property']['#text'],
    spec: instance['nova:flavor']['nova:extraSpecs']['nova:extraSpec']['@_name'],
  };
}

test('any name, property value and spec name comes back unchanged from the definition, or is refused as invalid', () => {
  const anyText = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.string({
      unit: fc.constantFrom(
        '<',
        '>',
        '&',
        '"',
        "'",
        ';',
        '#',
        '\t',
        '\n',
        '\r',
        ']',
        '\u0000',
        '\ud800',
        '🐧',
      ),
      minLength: 1,
    }),
  );
  fc.assert(
    fc.property(anyText, anyText, anyText, (name, property, spec) => {
      const plan = samplePlan({
        displayName: name,
        image: { properties: { p: property } },
        flavor: { extraSpecs: { [spec]: 'v' } },
      });
      let xml: string;
      try {
        xml = domainXml(inputs({ plan }));
      } catch (error) {
        assert.ok(error instanceof Failure && error.kind === 'invalid', String(error));
        assert.ok(`${name}${property}${spec}`.match(/./gsu)?.some(isUnwritable), 'refused without a reason');
        return;
      }
      assert.deepEqual(readBack(xml), { name, property, spec });
    }),
    { numRuns: 300 },
  );
});

test('a control character is refused with the name of its field', () => {
  assert.throws(
    () => domainXml(inputs({ plan: samplePlan({ displayName: 'a\u0007b' }) })),
    /The server name has the character U\+0007 at position 1/,
  );
  assert.throws(
    () => domainXml(inputs({ plan: samplePlan({ image: { properties: { os_distro: 'x\u0000' } } }) })),
    /Image property 'os_distro' has the character U\+0000/,
  );
});

test('a word that a property does not take is refused with those that it takes', () => {
  assert.throws(
    () => domainXml(inputs({ plan: samplePlan({ image: { properties: { hw_disk_bus: 'floppy' } } }) })),
    /hw_disk_bus is 'floppy', but must be one of virtio, scsi, sata, ide, usb/,
  );
});

test('the interface keeps its MAC address over definitions, and servers differ', () => {
  const network = { type: 'bridge', name: 'br0' } as const;
  const mac = (plan = samplePlan()) =>
    /mac address="([^"]+)"/.exec(domainXml(inputs({ plan, network })))?.[1];
  assert.match(mac() ?? '', /^fa:16:3e(:[0-9a-f]{2}){3}$/);
  assert.equal(mac(), mac(samplePlan({ displayName: 'renamed' })));
  const other = samplePlan({ serverId: '00000000-0000-4000-8000-000000000002' as never });
  assert.notEqual(mac(), mac(other));
});

test('the interface of the configuration is that of servers without a word about ports', () => {
  const network = { type: 'bridge', name: 'br0' } as const;
  const port = samplePort();
  const attachments = [{ port, source: { type: 'network', name: 'private' } as const, filter: null }];
  const sources = (changes: Partial<DomainInputs>) =>
    domainXml(inputs({ network, ...changes })).match(/<source (bridge|network)="\w+"/g) ?? [];
  const [configured, ofPort] = ['<source bridge="br0"', '<source network="private"'];
  assert.deepEqual(sources({}), [configured]);
  assert.deepEqual(sources({ attachments: [] }), [], 'a server of ports that has none');
  assert.deepEqual(sources({ attachments }), [ofPort]);
  const plan = samplePlan({ ports: [port], configuredInterface: true });
  assert.deepEqual(sources({ attachments, plan }), [configured, ofPort], 'a port more for an earlier server');
});
