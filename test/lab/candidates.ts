import type { ComputeHost } from '../../src/model/host.ts';
import type { FlavorId, HostName, ServerId } from '../../src/model/ids.ts';
import { metadataOfHosts, NO_METADATA } from '../../src/scheduler/aggregate-metadata.ts';
import type { Candidate, HostRequirements } from '../../src/scheduler/filter.ts';

/** When the hosts of these tests last reported. */
export const NOW = 1_700_000_000_000;

/** What is wanted, unless a test says otherwise: a small server, of which nothing special is said. */
export const WANTED: HostRequirements = {
  serverId: '7b9c1f0e-0000-4000-8000-000000000001' as ServerId,
  flavor: {
    id: '1' as FlavorId,
    name: 'small',
    vcpus: 2,
    ramMb: 1024,
    rootGb: 10,
    ephemeralGb: 5,
    swapMb: 0,
    rxtxFactor: 1,
    extraSpecs: {},
  },
  image: { properties: {} },
  zone: null,
  host: null,
  group: null,
  serial: undefined,
};

/** The same, with these extra specs. */
export function withExtraSpecs(extraSpecs: Readonly<Record<string, string>>): Partial<HostRequirements> {
  return { flavor: { ...WANTED.flavor, extraSpecs } };
}

/** A host that is free; its aggregates have these metadata. */
export function candidate(
  name: string,
  changes: Partial<ComputeHost> = {},
  {
    used = {},
    aggregates = [],
  }: { used?: Partial<Candidate['used']>; aggregates?: readonly Readonly<Record<string, string>>[] } = {},
): Candidate {
  const hosts = [name as HostName];
  const host: ComputeHost = {
    name: name as HostName,
    hostIp: '192.0.2.1',
    number: 1,
    hypervisorId: 'h',
    serviceId: 's',
    zone: 'nova',
    status: 'enabled',
    disabledReason: null,
    forcedDown: false,
    lastSeenAt: NOW,
    silentMs: 0,
    startedAt: NOW,
    serialOption: 'auto',
    machineId: { state: 'absent', file: '/etc/machine-id' },
    hypervisorType: 'QEMU',
    hypervisorVersion: 9_000_000,
    hypervisorHostname: name,
    arch: 'x86_64',
    cpuInfo: { vendor: 'AMD', features: ['aes', 'avx2'], topology: { cores: 4 } },
    capacity: { vcpus: 4, memoryMb: 8192, diskGb: 100 },
    hardwareUuid: null,
    givesSerial: true,
    features: ['unique-serial', 'move-disks', 'live-migration'],
    version: '0.1.0',
    ...changes,
  };
  const metadata = metadataOfHosts(aggregates.map((each, number) => ({ number, hosts, metadata: each })));
  return {
    host,
    used: { instances: 0, cores: 0, ramMb: 0, diskGb: 0, ...used },
    metadata: metadata.get(name as HostName) ?? NO_METADATA,
  };
}
