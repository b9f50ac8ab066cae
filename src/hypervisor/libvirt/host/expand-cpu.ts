import { XMLParser } from 'fast-xml-parser';
import { baselineFlags, type Libvirt } from 'libvirt-rpc';
import type { GuestCpu } from '../../../model/guest-cpu.ts';
import { writeXml } from '../../../model/xml-element.ts';
import { node } from '../../../model/xml-node.ts';
import { isAnswer } from '../connection/failures.ts';
import { heldCpuElement } from '../xml/cpu.ts';
import { readCpu } from '../xml/read-cpu.ts';

const parser = new XMLParser({
  ignoreAttributes: false,
  parseTagValue: false,
  isArray: (name) => name === 'feature',
});

/** For which guests a CPU is. */
export interface CpuOf {
  readonly arch: string;
  readonly virtType: 'kvm' | 'qemu';
}

/**
 * All features of a CPU, those of its model too, as far as this host has them, sorted.
 * @returns null where libvirt does not tell: for other architectures than x86
 */
export async function expandCpu(
  libvirt: Libvirt,
  cpu: Omit<GuestCpu, 'all'>,
  { arch, virtType }: CpuOf,
): Promise<readonly string[] | null> {
  if (cpu.model === null) return null;
  const xmlCPUs = [writeXml(heldCpuElement({ ...cpu, mode: 'custom', all: null }))];
  try {
    const flags = baselineFlags.expandFeatures;
    const xml = await libvirt.connectBaselineHypervisorCPU({ arch, virtType, xmlCPUs, flags });
    const { features = {} } = readCpu(node(node(parser.parse(xml)).cpu)) ?? {};
    // The answer also names features that the CPU does not have.
    return Object.keys(features)
      .filter((name) => features[name] === 'require' && cpu.features[name] !== 'disable')
      .toSorted();
  } catch (error) {
    if (isAnswer(error, 'ERR_NO_SUPPORT') || isAnswer(error, 'ERR_CONFIG_UNSUPPORTED')) return null;
    throw error;
  }
}
