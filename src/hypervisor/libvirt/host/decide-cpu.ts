import { cpuComparisons, type Libvirt } from 'libvirt-rpc';
import { Failure } from '../../../model/failure.ts';
import type { GuestPlan } from '../../../model/guest.ts';
import { cpuText, type GuestCpu, type RecordedCpu } from '../../../model/guest-cpu.ts';
import { writeXml } from '../../../model/xml-element.ts';
import { isAnswer } from '../connection/failures.ts';
import type { LibvirtLink } from '../connection/libvirt-link.ts';
import { heldCpuElement } from '../xml/cpu.ts';
import type { CpuOf } from './expand-cpu.ts';
import type { HostFacts } from './host-facts.ts';

/**
 * The CPU of a definition. One that the guest was started with is repeated where this host holds CPUs.
 * @throws {Failure} `conflict` when this host cannot give it
 */
export async function decideCpu(
  link: LibvirtLink,
  { machine }: GuestPlan,
  { capabilities: { arch }, virtType, guestCpu }: HostFacts,
): Promise<RecordedCpu> {
  const { holds, configured } = guestCpu;
  const recorded = machine?.cpu;
  const started = recorded?.started ?? null;
  if (!holds || started === null) return { configured, held: holds, started: null };
  await link.read('comparing CPUs', (libvirt) => assertGives(libvirt, started, { arch, virtType }));
  return { configured: recorded?.configured ?? null, held: true, started };
}

/**
 * Requires that guests of this host can have a CPU, before anything of a guest is touched.
 * @throws {Failure} `conflict` when they cannot
 */
async function assertGives(libvirt: Libvirt, cpu: GuestCpu, { arch, virtType }: CpuOf): Promise<void> {
  if (cpu.mode !== 'custom') return;
  try {
    const xml = writeXml(heldCpuElement(cpu));
    const result = await libvirt.connectCompareHypervisorCPU({ arch, virtType, xml });
    if (result !== cpuComparisons.incompatible) return;
  } catch (error) {
    if (isAnswer(error, 'ERR_NO_SUPPORT') || isAnswer(error, 'ERR_CONFIG_UNSUPPORTED')) return;
    // An internal error is libvirt's answer to a model that it does not know.
    if (!isAnswer(error, 'ERR_CPU_INCOMPATIBLE') && !isAnswer(error, 'ERR_INTERNAL_ERROR')) throw error;
  }
  throw new Failure(
    'conflict',
    `The compute host cannot give the server the CPU ${cpu.model} that it keeps.`,
    {
      operatorText: `[libvirt] hold_cpu holds ${cpuText(cpu)}, and libvirt says that guests of this host cannot have it`,
    },
  );
}
