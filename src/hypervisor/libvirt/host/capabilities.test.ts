import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCapabilities, parseFirmware } from './capabilities.ts';

const CAPABILITIES = `<capabilities>
  <host>
    <uuid>0A1B2C3D-0000-4000-8000-000000000001</uuid>
    <cpu>
      <arch>x86_64</arch><model>EPYC</model><vendor>AMD</vendor>
      <topology sockets='2' dies='1' cores='8' threads='2'/>
      <feature name='svm'/><feature name='ht'/>
    </cpu>
    <topology><cells num='1'><cell id='0'><memory unit='KiB'>1</memory></cell></cells></topology>
    <secmodel><model>apparmor</model><doi>0</doi></secmodel>
    <secmodel><model>dac</model><doi>0</doi>
      <baselabel type='kvm'>+64055:+108</baselabel><baselabel type='qemu'>+64055:+108</baselabel>
    </secmodel>
  </host>
  <guest><os_type>hvm</os_type><arch name='i686'>
    <emulator>/usr/bin/qemu-system-i386</emulator><domain type='qemu'/></arch></guest>
  <guest><os_type>hvm</os_type><arch name='x86_64'>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <machine maxCpus='255'>pc-i440fx-7.2</machine><machine canonical='pc-i440fx-7.2' maxCpus='255'>pc</machine>
    <domain type='qemu'/><domain type='kvm'/></arch></guest>
</capabilities>`;

test('the capabilities of a host with everything', () => {
  assert.deepEqual(parseCapabilities(CAPABILITIES), {
    hostUuid: '0a1b2c3d-0000-4000-8000-000000000001',
    arch: 'x86_64',
    cpu: {
      arch: 'x86_64',
      model: 'EPYC',
      vendor: 'AMD',
      topology: { cells: 1, sockets: 2, cores: 8, threads: 2 },
      features: ['ht', 'svm'],
    },
    virtTypes: ['qemu', 'kvm'],
    machineTypes: ['pc-i440fx-7.2', 'pc'],
    emulator: '/usr/bin/qemu-system-x86_64',
    qemuUser: { uid: 64055, gid: 108 },
  });
});

test('a host that says little: no UUID, no DAC labels', () => {
  const { hostUuid, qemuUser, virtTypes, arch } = parseCapabilities(
    '<capabilities><host><cpu><arch>aarch64</arch></cpu></host></capabilities>',
  );
  assert.deepEqual(
    { hostUuid, qemuUser, virtTypes, arch },
    { hostUuid: null, qemuUser: null, virtTypes: [], arch: 'aarch64' },
  );
});

test('the firmware that guests of a host can have', () => {
  const firmware = (arch: string, values: string) =>
    parseFirmware(
      `<domainCapabilities><arch>${arch}</arch><os supported='yes'><enum name='firmware'>${values}</enum><loader supported='yes'>
      <value>/usr/share/OVMF/OVMF_CODE.fd</value><enum name='type'><value>rom</value></enum></loader></os></domainCapabilities>`,
    );
  assert.deepEqual(firmware('x86_64', '<value>efi</value>'), ['bios', 'uefi']);
  assert.deepEqual(firmware('x86_64', ''), ['bios']);
  assert.deepEqual(firmware('aarch64', '<value>efi</value>'), ['uefi']);
  assert.deepEqual(parseFirmware('<domainCapabilities/>'), []);
});
