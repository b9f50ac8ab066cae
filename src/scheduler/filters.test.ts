import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { candidate, NOW, WANTED, withExtraSpecs } from '../../test/lab/candidates.ts';
import { USUAL_SCHEDULING } from '../../test/lab/scheduling.ts';
import type { Verb } from '../model/command.ts';
import type { GuestCpu, HostCpu } from '../model/guest-cpu.ts';
import type { HostName } from '../model/ids.ts';
import { PROTOCOL } from '../model/protocol.ts';
import type { SerialOption } from '../serial/policy.ts';
import { chooseHost } from './choose-host.ts';
import type { Candidate, HostRequirements, WantedGroup } from './filter.ts';

const settings = {
  ...USUAL_SCHEDULING,
  ...{ cpuAllocationRatio: 4, reservedMemoryMb: 512, reservedDiskGb: 10, serviceDownMs: 60_000 },
};

/** Why one host will not do; null: it will. */
type Row = readonly [what: string, host: Candidate, why: string | null, wanted?: Partial<HostRequirements>];
const { flavor } = WANTED;
const used = (of: Partial<Candidate['used']>) => candidate('a', {}, { used: of });
const file = '/etc/machine-id';
const bad = { state: 'read', file, text: 'uninitialized\n' } as const;
const reporting = (machineId: Candidate['host']['machineId'], serialOption: SerialOption = 'os') =>
  candidate('a', { machineId, serialOption });
const onPlatforms = (machineTypes: string[], firmware: ('bios' | 'uefi')[]) =>
  candidate('a', { platforms: { machineTypes, firmware } });
const within = (...aggregates: Readonly<Record<string, string>>[]) => candidate('a', {}, { aggregates });
const specs = withExtraSpecs;
const properties = (of: Record<string, string>): Partial<HostRequirements> => ({ image: { properties: of } });
const definedAs = (machineType: string): Partial<HostRequirements> => ({
  machine: { smbios: null, machineType, diskSerials: {}, addresses: {}, controllers: [] },
});
const NEHALEM: GuestCpu = {
  mode: 'custom',
  model: 'Nehalem',
  vendor: 'Intel',
  features: {},
  all: ['sse4.2', 'ssse3'],
};
const startedWith = (cpu: Partial<GuestCpu>): Partial<HostRequirements> => {
  const { machine } = definedAs('pc-i440fx-7.2');
  const record = { configured: 'host-model', held: true, started: { ...NEHALEM, ...cpu } };
  return { machine: machine ? { ...machine, cpu: record } : null };
};
const givingCpu = (changes: Partial<HostCpu>) =>
  candidate('a', { guestCpu: { holds: true, configured: 'host-model', model: 'Nehalem', vendor: 'Intel', features: ['aes', 'sse4.2', 'ssse3'], ...changes } }); // biome-ignore format: short
const group = (policy: WantedGroup['policy'], on: Record<string, number>, most: number | null = null): Partial<HostRequirements> => ({
  group: { name: 'g', policy, maxServerPerHost: most, others: new Map(Object.entries(on) as [HostName, number][]) },
}); // biome-ignore format: short

const asks = (...verbs: Verb[]): Partial<HostRequirements> => ({ asks: verbs });

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  CpuFilter: [
    ['no guest was started yet', givingCpu({ features: [] }), null, definedAs('pc-i440fx-7.2')],
    ['the host gives more', givingCpu({}), null, startedWith({})],
    ['the host lacks features', givingCpu({ features: ['aes'] }), 'The server keeps its CPU Nehalem ([libvirt] hold_cpu); the host lacks sse4.2, ssse3.', startedWith({})],
    ['the host lacks many features', givingCpu({ features: [] }), 'The server keeps its CPU Nehalem ([libvirt] hold_cpu); the host lacks a, b, c, d, e and 2 more.', startedWith({ all: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] })],
    ['only the required features are known', givingCpu({ features: ['aes'] }), null, startedWith({ all: null, features: { aes: 'require', vme: 'disable' } })],
    ['the host is of another vendor', givingCpu({ vendor: 'AMD' }), 'The server keeps its CPU Nehalem ([libvirt] hold_cpu); the host has a CPU of AMD, not of Intel.', startedWith({})],
    ['the host does not hold CPUs', givingCpu({ holds: false, features: [] }), null, startedWith({})],
    ['the host reports no features', givingCpu({ features: null }), null, startedWith({})],
    ['the host reports no CPU', candidate('a'), null, startedWith({})],
    ['the guest has the CPU of a host of the same kind', givingCpu({}), null, startedWith({ mode: 'host-passthrough', all: ['aes', 'sse4.2', 'ssse3'] })],
    ['the guest has the CPU of another host', givingCpu({}), 'The server keeps its CPU EPYC ([libvirt] hold_cpu); the host has another CPU (Nehalem).', startedWith({ mode: 'host-passthrough', model: 'EPYC' })],
  ],
  RequestedHostFilter: [
    ['no host was named', candidate('a'), null],
    ['it was named', candidate('a'), null, { host: 'a' }],
    ['another was named', candidate('a'), 'The server must go to host b.', { host: 'b' }],
  ],
  ComputeFilter: [
    ['enabled and reporting', candidate('a'), null],
    ['disabled', candidate('a', { status: 'disabled', disabledReason: 'new disk' }), 'The host is disabled: new disk.'],
    ['disabled without a reason', candidate('a', { status: 'disabled' }), 'The host is disabled: no reason was given.'],
    ['disabled, and named', candidate('a', { status: 'disabled' }), 'The host is disabled: no reason was given.', { host: 'a' }],
    ['forced down', candidate('a', { forcedDown: true }), 'The host was forced down by an administrator.'],
    ['just not silent too long', candidate('a', { silentMs: 60_000 }), null],
    ['silent', candidate('a', { silentMs: 61_000 }), 'The host has not reported for 61 s.'],
  ],
  AvailabilityZoneFilter: [
    ['no zone was asked for', candidate('a', { zone: 'east' }), null],
    ['in the zone', candidate('a', { zone: 'east' }), null, { zone: 'east' }],
    ['in another zone', candidate('a'), 'The host is in zone nova; the server must go to zone east.', { zone: 'east' }],
  ],
  CapacityFilter: [
    ['full to the last vCPU', used({ cores: 14 }), null],
    ['without a vCPU left', used({ cores: 15 }), '2 vCPUs are asked for; 15 of 16 are taken.'],
    ['full to the last MiB', used({ ramMb: 6656 }), null],
    ['without memory', used({ ramMb: 6657 }), '1024 MiB of memory are asked for; 6657 of 7680 are taken.'],
    ['full to the last GiB', used({ diskGb: 75 }), null],
    ['without disk', used({ diskGb: 76 }), '15 GiB of disk are asked for; 76 of 90 are taken.'],
    ['without disk for the swap', used({ diskGb: 75 }), '16 GiB of disk are asked for; 75 of 90 are taken.', { flavor: { ...flavor, swapMb: 1 } }],
    ['without disk, for a server that needs none', used({ diskGb: 200 }), null, { flavor: { ...flavor, rootGb: 0, ephemeralGb: 0 } }],
  ],
  ComputeCapabilitiesFilter: [
    ['nothing is asked for', candidate('a'), null, specs({ 'hw:unique_serial': 'true' })],
    ['of the type', candidate('a'), null, specs({ 'capabilities:hypervisor_type': 's== QEMU' })],
    ['of another type', candidate('a'), "Extra spec capabilities:hypervisor_type does not fit the host, because 'QEMU' is not 'KVM'.", specs({ 'capabilities:hypervisor_type': 'KVM' })],
    ['with enough memory', candidate('a'), null, specs({ 'capabilities:free_ram_mb': '>= 7680' })],
    ['with too little', used({ ramMb: 1 }), "Extra spec capabilities:free_ram_mb does not fit the host, because '7679' does not satisfy '>= 7680'.", specs({ 'capabilities:free_ram_mb': '>= 7680' })],
    ['with the CPU feature', candidate('a'), null, specs({ 'capabilities:cpu_info:features': '<in> aes' })],
    ['without it', candidate('a'), `Extra spec capabilities:cpu_info:features does not fit the host, because '["aes","avx2"]' does not satisfy '<in> amx'.`, specs({ 'capabilities:cpu_info:features': '<in> amx' })],
    ['with the cores', candidate('a'), null, specs({ 'capabilities:cpu_info:topology:cores': '== 4' })],
    ['asked for what it does not have', candidate('a'), 'The host has nothing that extra spec capabilities:cpu_info:colour could be about.', specs({ 'capabilities:cpu_info:colour': 'red' })],
    ['asked for what no host has', candidate('a'), 'The host has nothing that extra spec capabilities:toString could be about.', specs({ 'capabilities:toString': 'x' })],
    ['a capability without its scope counts', candidate('a'), "Extra spec num_instances does not fit the host, because '0' does not satisfy '>= 3'.", specs({ num_instances: '>= 3' })],
  ],
  ImagePropertiesFilter: [
    ['the architecture', candidate('a'), null, properties({ hw_architecture: 'x86_64' })],
    ['by another name', candidate('a'), null, properties({ architecture: 'AMD64' })],
    ['another architecture', candidate('a'), 'The image asks for architecture aarch64 (hw_architecture); the host has x86_64.', properties({ hw_architecture: 'aarch64' })],
    ['emulation of what the host is', candidate('a'), null, properties({ hw_emulation_architecture: 'amd64' })],
    ['emulation', candidate('a', { arch: 'aarch64' }), 'The image asks for emulation of x86_64 (hw_emulation_architecture); the host has aarch64, and guests are not emulated.', properties({ hw_emulation_architecture: 'x86_64' })],
    ['QEMU', candidate('a'), null, properties({ img_hv_type: 'qemu' })],
    ['KVM, which is QEMU to libvirt', candidate('a'), null, properties({ hypervisor_type: 'KVM' })],
    ['another hypervisor', candidate('a'), 'The image asks for hypervisor type xen (img_hv_type); the host has QEMU.', properties({ img_hv_type: 'xen' })],
    ['hvm', candidate('a'), null, properties({ hw_vm_mode: 'hvm' })],
    ['a version', candidate('a', { hypervisorVersion: 7_002_022 }), null, properties({ img_hv_requested_version: '>=7.2,<8' })],
    ['another version', candidate('a', { hypervisorVersion: 7_002_022 }), 'The image asks for hypervisor version >=8.1 (img_hv_requested_version); the host has 7.2.22.', properties({ img_hv_requested_version: '>=8.1' })],
    ['what is no version, by its older name', candidate('a'), 'The image asks for hypervisor version new (img_hv_requested_version); the host has 9.0.0.', properties({ hypervisor_version_requires: 'new' })],
    ['another VM mode', candidate('a'), 'The image asks for VM mode uml (hw_vm_mode); the host has hvm.', properties({ vm_mode: 'uml' })],
  ],
  AggregateInstanceExtraSpecsFilter: [
    ['nothing is asked for', candidate('a'), null],
    ['another scope is nothing to aggregates', candidate('a'), null, specs({ 'hw:unique_serial': 'true', 'quota:cpu_quota': '1' })],
    ['a key that no aggregate has', candidate('a'), "No aggregate of the host has metadata 'ssd', which extra spec aggregate_instance_extra_specs:ssd asks for.", specs({ 'aggregate_instance_extra_specs:ssd': 'true' })],
    ['a key without a scope', within({ ssd: 'true' }), null, specs({ ssd: 'true' })],
    ['another value', within({ ssd: 'false' }), "Extra spec ssd does not fit the host's aggregates, because 'false' is not 'true'.", specs({ ssd: 'true' })],
    ['one of several values', within({ tier: 'gold, silver' }), null, specs({ tier: 'silver' })],
    ['of several aggregates', within({ tier: 'gold' }, { tier: 'silver' }), null, specs({ tier: 'silver' })],
    ['none of several values', within({ tier: 'gold' }, { tier: 'silver' }), "Extra spec tier asks for '<or> tin <or> lead'; the host's aggregates have 'gold' and 'silver'.", specs({ tier: '<or> tin <or> lead' })],
    ['enough', within({ cores: '16' }), null, specs({ 'aggregate_instance_extra_specs:cores': '>= 8' })],
    ['a number against a word', within({ cores: 'many' }), "Extra spec cores does not fit the host's aggregates, because 'many' is not a number, and the operator of '>= 8' compares numbers.", specs({ cores: '>= 8' })],
    ['both of two', within({ a: '1', b: '2' }), null, specs({ a: '1', b: '2' })],
    ['one of two', within({ a: '1' }), "No aggregate of the host has metadata 'b', which extra spec b asks for.", specs({ a: '1', b: '2' })],
  ],
  AggregateImagePropertiesIsolation: [
    ['an image without the property', within({ hw_unique_serial: 'True' }), null],
    ['one that is false', within({ hw_unique_serial: 'True' }), null, properties({ hw_unique_serial: 'false' })],
    ['true, as Nova writes it', within({ hw_unique_serial: 'True' }), null, properties({ hw_unique_serial: 'yes' })],
    ['true in other words', within({ hw_unique_serial: 'on' }), null, properties({ hw_unique_serial: 'TRUE' })],
    ['true where false is written', within({ hw_unique_serial: 'false' }), "The image has hw_unique_serial='true'; the host's aggregates take 'false'.", properties({ hw_unique_serial: 'true' })],
    ['one of the values', within({ os_distro: 'debian,fedora' }), null, properties({ os_distro: 'fedora' })],
    ['another value', within({ os_distro: 'debian,fedora' }), "The image has os_distro='windows'; the host's aggregates take 'debian' and 'fedora'.", properties({ os_distro: 'windows' })],
    ['by the older name of the property', within({ hw_architecture: 'i686' }), "The image has hw_architecture='x86_64'; the host's aggregates take 'i686'.", properties({ architecture: 'x86_64' })],
    ['what is no property of Nova', within({ ssd: 'true' }), null, properties({ ssd: 'never' })],
    ['a host in no aggregate', candidate('a'), null, properties({ os_distro: 'windows' })],
  ],
  ServerGroupAffinityFilter: [
    ['the first of the group', candidate('a'), null, group('affinity', {})],
    ['where the group is', candidate('a'), null, group('affinity', { a: 2 })],
    ['where it is not', candidate('a'), 'The host has no server of group g, whose servers must be together.', group('affinity', { b: 1 })],
    ['a soft wish', candidate('a'), null, group('soft-affinity', { b: 1 })],
  ],
  ServerGroupAntiAffinityFilter: [
    ['the first of the group', candidate('a'), null, group('anti-affinity', {})],
    ['where the group is not', candidate('a'), null, group('anti-affinity', { b: 1 })],
    ['where one is', candidate('a'), 'The host has 1 of the servers of group g; one host may have 1.', group('anti-affinity', { a: 1 })],
    ['where one more may be', candidate('a'), null, group('anti-affinity', { a: 1 }, 2)],
    ['where no more may be', candidate('a'), 'The host has 2 of the servers of group g; one host may have 2.', group('anti-affinity', { a: 2 }, 2)],
    ['a soft wish', candidate('a'), null, group('soft-anti-affinity', { a: 9 })],
  ],
  ProtocolFilter: [
    ['an agent of the release before', candidate('a', { version: '0.0.9' }), null, asks('create-disks')],
    ['of a release that is no neighbour', candidate('a', { protocol: PROTOCOL + 2, version: '9.0.0' }), `The agent of host a (release 9.0.0) is not of a neighbouring release: the agent speaks protocol ${PROTOCOL + 2}, the control plane protocol ${PROTOCOL}.`],
    ['that reports the feature', candidate('a', { protocol: PROTOCOL }), null, asks('prepare-live')],
    ['that does not', candidate('a', { protocol: PROTOCOL, features: ['unique-serial'] }), `Host a cannot migrate a running guest: its agent (release 0.1.0) does not report the feature live-migration; the agent speaks protocol ${PROTOCOL}, the control plane protocol ${PROTOCOL}.`, asks('prepare-live')],
  ],
  UniqueSerialFilter: [
    ['nothing is asked for', candidate('a', { givesSerial: false, features: [] }), null],
    ['it may have the host\'s', candidate('a', { features: [] }), null, specs({ 'hw:unique_serial': 'false' })],
    ['its own, by the flavor', candidate('a'), null, specs({ 'hw:unique_serial': 'yes' })],
    ['an older agent', candidate('a', { features: [], version: '0.0.9' }), "The server must have its own serial; the host's agent (version 0.0.9) does not say that it can give one.", specs({ 'hw:unique_serial': 'yes' })],
    ['an older agent, by the image', candidate('a', { features: [], version: 'unknown' }), "The server must have its own serial; the host's agent (version unknown) does not say that it can give one.", properties({ hw_unique_serial: 'true' })],
    ['no SMBIOS', candidate('a', { givesSerial: false, arch: 'aarch64' }), 'The server must have its own serial; guests of this host (aarch64) cannot be given one.', specs({ 'hw:unique_serial': '1' })],
    ['whatever the host says for others', candidate('a', { features: [], serialOption: 'unique' }), "The server must have its own serial; the host's agent (version 0.1.0) does not say that it can give one.", properties({ hw_unique_serial: '1' })],
  ],
  PlatformFilter: [
    ['nothing is asked for', onPlatforms(['pc'], []), null],
    ['the host has it', onPlatforms(['pc', 'q35'], ['bios', 'uefi']), null, properties({ hw_machine_type: 'q35', hw_firmware_type: 'UEFI' })],
    ['no such machine type', onPlatforms(['pc'], ['bios']), 'The image asks for machine type bogus (hw_machine_type); the host has none of that name.', properties({ hw_machine_type: 'bogus' })],
    ['no UEFI', onPlatforms(['pc'], ['bios']), 'The image asks for UEFI firmware (hw_firmware_type); the host has bios.', properties({ hw_firmware_type: 'uefi' })],
    ['no firmware at all', onPlatforms(['virt'], []), 'The image asks for BIOS firmware (hw_firmware_type); the host has none.', properties({ hw_firmware_type: 'bios' })],
    ['a host that does not say', candidate('a'), null, properties({ hw_machine_type: 'bogus', hw_firmware_type: 'uefi' })],
    ['the machine type that the server has', onPlatforms(['pc', 'pc-i440fx-7.2'], []), null, definedAs('pc-i440fx-7.2')],
    ['not the machine type that the server has', onPlatforms(['pc', 'pc-i440fx-6.2'], []), 'The server was first defined with machine type pc-i440fx-7.2 and keeps it; the host has none of that name.', definedAs('pc-i440fx-7.2')],
    ['the alias that the image names is not enough', onPlatforms(['pc'], []), 'The server was first defined with machine type pc-i440fx-7.2 and keeps it; the host has none of that name.', { ...definedAs('pc-i440fx-7.2'), ...properties({ hw_machine_type: 'pc' }) }],
  ],
  HostSerialFilter: [
    ['the host can say it', reporting({ state: 'read', file, text: 'ab'.repeat(16) }), null],
    ['no machine-id under os', reporting({ state: 'absent', file }), "The host cannot give the server the host's serial: [libvirt] sysinfo_serial = os, and /etc/machine-id does not exist."],
    ['no machine-id under auto', reporting({ state: 'absent', file }, 'auto'), null],
    ['a bad one under auto', reporting(bad, 'auto'), "The host cannot give the server the host's serial: [libvirt] sysinfo_serial = auto, and /etc/machine-id holds 'uninitialized'; it must hold 32 hexadecimal digits, with or without the dashes of a UUID."],
    ['one digit throughout', reporting({ state: 'read', file, text: `${'0'.repeat(32)}\n` }), `The host cannot give the server the host's serial: [libvirt] sysinfo_serial = os, and /etc/machine-id holds '${'0'.repeat(32)}', one digit throughout; it must hold 32 hexadecimal digits, with or without the dashes of a UUID.`],
    ['another one, under auto', reporting({ state: 'read', file, text: 'f'.repeat(32) }, 'auto'), `The host cannot give the server the host's serial: [libvirt] sysinfo_serial = auto, and /etc/machine-id holds '${'f'.repeat(32)}', one digit throughout; it must hold 32 hexadecimal digits, with or without the dashes of a UUID.`],
    ['a good machine-id, but a hardware UUID of one digit', candidate('a', { serialOption: 'hardware', hardwareUuid: '0'.repeat(32), machineId: { state: 'read', file, text: 'ab'.repeat(16) } }), `The host cannot give the server the host's serial: [libvirt] sysinfo_serial = hardware, and the host UUID in libvirt's capabilities is '${'0'.repeat(32)}', one digit throughout; it must hold 32 hexadecimal digits, with or without the dashes of a UUID.`],
    ['a bad one that nobody needs: each has its own', reporting(bad, 'unique'), null],
    ['a bad one for a server that must not have its own', reporting(bad, 'unique'), "The host cannot give the server the host's serial: [libvirt] sysinfo_serial = unique, and /etc/machine-id holds 'uninitialized'; it must hold 32 hexadecimal digits, with or without the dashes of a UUID.", specs({ 'hw:unique_serial': 'no' })],
    ['a bad one for a server that must have its own', reporting(bad), null, specs({ 'hw:unique_serial': 'yes' })],
    ['no serial for anybody', reporting(bad, 'none'), null],
  ],
}; // biome-ignore format: a table

for (const [filter, rows] of Object.entries(TABLES))
  describe(filter, () => {
    for (const [what, host, why, asked] of rows)
      it(`${what}: ${why === null ? 'will do' : 'will not do, and it is said why'}`, () => {
        const choice = chooseHost({ ...WANTED, ...asked }, { candidates: [host], settings, now: NOW });
        assert.deepEqual(choice.refusals, why === null ? [] : [{ host: 'a', filter, why }]);
        assert.deepEqual(choice.hosts, why === null ? ['a'] : []);
      });
  });

describe('which filters are asked', () => {
  const asked = (host: Candidate, wanted: Partial<HostRequirements>, only?: 'on rebuild') =>
    chooseHost(
      { ...WANTED, ...wanted },
      {
        candidates: [host],
        settings: { ...settings, enabledFilters: [] },
        now: NOW,
        ...(only === undefined ? {} : { only }),
      },
    ).refusals.map(({ filter }) => filter);

  it('those that are not enabled are not, but what is always needed is', () => {
    assert.deepEqual(asked(within({ ssd: 'false' }), specs({ ssd: 'true' })), []);
    assert.deepEqual(asked(candidate('a', { status: 'disabled' }), {}), ['ComputeFilter']);
    assert.deepEqual(asked(candidate('a'), { zone: 'east' }), ['AvailabilityZoneFilter']);
    assert.deepEqual(asked(used({ ramMb: 8000 }), {}), ['CapacityFilter']);
    const ofOld = candidate('a', { features: [] });
    assert.deepEqual(asked(ofOld, specs({ 'hw:unique_serial': 'true' })), ['UniqueSerialFilter']);
  });

  it('on a rebuild, those that look at the image', () => {
    const full = candidate('a', { status: 'disabled', features: [] }, { used: { ramMb: 8000 } });
    assert.deepEqual(asked(full, { zone: 'east' }, 'on rebuild'), []);
    assert.deepEqual(asked(full, properties({ hw_unique_serial: 'true' }), 'on rebuild'), [
      'UniqueSerialFilter',
    ]);
  });
});
