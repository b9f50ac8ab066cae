import type { Feature } from '../../model/feature.ts';
import type { HostDescription } from '../../model/host.ts';

/** The CPU model of guests, unless the configuration names models. */
const MODEL = 'simulated';

/** What a simulated host has beside its name. */
interface SimulatedHostOptions {
  /** `[libvirt] hold_cpu` */
  readonly holdsCpu?: boolean;
  /** `[libvirt] cpu_models`: guests get the first one, and can keep any. */
  readonly cpuModels?: readonly string[];
}

/** The description of a simulated host: large enough for every test of clients or load. */
export function simulatedHost(
  name: string,
  { holdsCpu: holds = false, cpuModels: models = [] }: SimulatedHostOptions = {},
): HostDescription {
  const features = models.length === 0 ? [MODEL] : models;
  return {
    hypervisorType: 'simulated',
    hypervisorVersion: 1_000_000,
    hypervisorHostname: name,
    arch: 'x86_64',
    cpuInfo: {
      arch: 'x86_64',
      model: MODEL,
      vendor: 'Nameplate',
      features: [],
      topology: { sockets: 1, cores: 1, threads: 1 },
    },
    capacity: { vcpus: 1_000_000, memoryMb: 1_000_000_000, diskGb: 1_000_000_000 },
    hardwareUuid: '5a1e0000-0000-4000-8000-000000000000',
    givesSerial: true,
    guestCpu: {
      holds,
      configured: `custom (${features[0]})`,
      model: features[0] ?? MODEL,
      vendor: null,
      features,
    },
    features: ['unique-serial', 'move-disks', 'live-migration'] satisfies Feature[],
  };
}
