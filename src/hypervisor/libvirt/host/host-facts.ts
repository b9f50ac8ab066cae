import { statfs } from 'node:fs/promises';
import type { Feature } from '../../../model/feature.ts';
import type { HostDescription } from '../../../model/host.ts';
import type { Log } from '../../../model/log.ts';
import type { LibvirtLink } from '../connection/libvirt-link.ts';
import { hasSmbios } from '../xml/sysinfo.ts';
import { type Capabilities, parseCapabilities, parseFirmware } from './capabilities.ts';
import { supportsDirectIo } from './direct-io.ts';
import { excessRights, readQemuConf } from './guest-rights.ts';
import { guestUser } from './guest-user.ts';
import { isKvmUsable } from './kvm-probe.ts';

/** Facts of the host that guest definitions need, and that do not change while it runs. */
export interface HostFacts {
  readonly capabilities: Capabilities;
  readonly virtType: 'kvm' | 'qemu';
  readonly diskCache: 'none' | 'writeback';
  readonly runAs: string | null;
}

export interface HostFactsOptions {
  readonly virtType: 'auto' | 'kvm' | 'qemu';
  readonly instancesDir: string;
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
  const rights = { qemuUser: capabilities.qemuUser, runAs, agent: process.getuid?.() ?? 0, qemuConf };
  for (const sentence of excessRights({ ...rights, instancesDir: options.instancesDir }))
    options.log('host-rights-excessive', { why: sentence });
  return { capabilities, virtType, diskCache: direct ? 'none' : 'writeback', runAs };
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
    instancesPath: instancesDir,
  };
}
