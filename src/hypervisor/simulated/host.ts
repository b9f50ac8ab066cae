import type { Feature } from '../../model/feature.ts';
import type { HostDescription } from '../../model/host.ts';

/** The description of a simulated host: large enough for every test of clients or load. */
export function simulatedHost(name: string): HostDescription {
  return {
    hypervisorType: 'simulated',
    hypervisorVersion: 1_000_000,
    hypervisorHostname: name,
    arch: 'x86_64',
    cpuInfo: {
      arch: 'x86_64',
      model: 'simulated',
      vendor: 'Nameplate',
      features: [],
      topology: { sockets: 1, cores: 1, threads: 1 },
    },
    capacity: { vcpus: 1_000_000, memoryMb: 1_000_000_000, diskGb: 1_000_000_000 },
    hardwareUuid: '5a1e0000-0000-4000-8000-000000000000',
    givesSerial: true,
    features: ['unique-serial', 'move-disks', 'live-migration'] satisfies Feature[],
  };
}
