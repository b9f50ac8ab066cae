import { statfs } from 'node:fs/promises';
import type { Feature } from '../../../model/feature.ts';
import type { HostCpu } from '../../../model/guest-cpu.ts';
import type { HostDescription } from '../../../model/host.ts';
import type { Log } from '../../../model/log.ts';
import type { LibvirtLink } from '../connection/libvirt-link.ts';
import { configuredCpu } from '../xml/cpu.ts';
import type { CpuMode } from '../xml/domain-inputs.ts';
import { hasSmbios } from '../xml/sysinfo.ts';
import { type Capabilities, parseCapabilities, parseFirmware, parseHostModel } from './capabilities.ts';
import { supportsDirectIo } from './direct-io.ts';
import { type CpuOf, expandCpu } from './expand-cpu.ts';
import { excessRights, readQemuConf } from './guest-rights.ts';
import { guestUser } from './guest-user.ts';
import { isKvmUsable } from './kvm-probe.ts';

/** Facts of the host that guest definitions need, and that do not change while it runs. */
export interface HostFacts {
  readonly capabilities: Capabilities;
  readonly virtType: 'kvm' | 'qemu';
  readonly diskCache: 'none' | 'writeback';
  readonly runAs: string | null;
  readonly guestCpu: HostCpu;
}

export interface HostFactsOptions {
  readonly virtType: 'auto' | 'kvm' | 'qemu';
  readonly instancesDir: string;
  readonly cpuMode: CpuMode;
  readonly cpuModel: string | null;
  /** `[libvirt] hold_cpu` */
  readonly holdsCpu?: boolean;
  readonly log: Log;
}

/** Reads the facts of a host. */
export async function readHostFacts(link: LibvirtLink, options: HostFactsOptions): Promise<HostFacts> {
  const xml = await link.read('reading its capabilities', (libvirt) => libvirt.connectGetCapabilities());
  const capabilities = parseCapabilities(xml);
  const [virtType, direct, runAs, qemuConf] = await Promise.all([
    virtTypeOf(capabilities, options),
    supportsDirectIo(options.instancesDir),
    guestUser(options.instancesDir, capabilities),
    readQemuConf(),
  ]);
  const of = { arch: capabilities.arch, virtType };
  const said = { holds: options.holdsCpu ?? false, configured: configuredCpu({ ...options, virtType }) };
  const guestCpu = { ...said, ...(await guestCpuOf(link, of)) };
  const rights = { qemuUser: capabilities.qemuUser, runAs, agent: process.getuid?.() ?? 0, qemuConf };
  for (const sentence of excessRights({ ...rights, instancesDir: options.instancesDir }))
    options.log('host-rights-excessive', { why: sentence });
  return { capabilities, virtType, diskCache: direct ? 'none' : 'writeback', runAs, guestCpu };
}

async function virtTypeOf(
  capabilities: Capabilities,
  { virtType, log }: HostFactsOptions,
): Promise<'kvm' | 'qemu'> {
  if (virtType !== 'auto') return virtType;
  const found = (await isKvmUsable(capabilities)) ? 'kvm' : 'qemu';
  log('virt-type-chosen', { virtType: found });
  return found;
}

/** What CPUs guests of this host can have. */
async function guestCpuOf(
  link: LibvirtLink,
  of: CpuOf,
): Promise<Pick<HostCpu, 'model' | 'vendor' | 'features'>> {
  return link.read('reading what CPUs guests can have', async (libvirt) => {
    const hostModel = parseHostModel(await libvirt.connectGetDomainCapabilities(of));
    if (hostModel === null) return { model: null, vendor: null, features: null };
    const { model, vendor } = hostModel;
    return { model, vendor, features: await expandCpu(libvirt, hostModel, of) };
  });
}

/** Describes the current state of the host. */
export async function describeHost(
  link: LibvirtLink,
  facts: HostFacts,
  instancesDir: string,
): Promise<HostDescription> {
  const { capabilities } = facts;
  const { arch } = capabilities;
  const [info, version, hostname, domains] = await link.read('describing the host', (libvirt) =>
    Promise.all([
      libvirt.nodeGetInfo(),
      libvirt.connectGetVersion(),
      libvirt.connectGetHostname(),
      libvirt.connectGetDomainCapabilities({ arch, virtType: facts.virtType }),
    ]),
  );
  const disk = await statfs(instancesDir);
  return {
    hypervisorType: 'QEMU',
    hypervisorVersion: Number(version),
    hypervisorHostname: hostname,
    arch,
    cpuInfo: capabilities.cpu,
    capacity: {
      vcpus: info.cpus,
      memoryMb: Math.floor(Number(info.memory) / 1024),
      diskGb: Math.floor((disk.blocks * disk.bsize) / 1024 ** 3),
    },
    hardwareUuid: capabilities.hostUuid,
    givesSerial: hasSmbios(capabilities.arch),
    features: [
      ...(hasSmbios(capabilities.arch) ? (['unique-serial'] as const) : []),
      ...(['move-disks', 'live-migration'] as const),
    ] satisfies Feature[],
    platforms: { machineTypes: capabilities.machineTypes, firmware: parseFirmware(domains) },
    guestCpu: facts.guestCpu,
    instancesPath: instancesDir,
  };
}
