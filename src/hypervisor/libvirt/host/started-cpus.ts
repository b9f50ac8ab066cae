import type { Libvirt } from 'libvirt-rpc';
import { cpuText, type GuestCpu } from '../../../model/guest-cpu.ts';
import { expandCpu } from './expand-cpu.ts';
import type { HostFacts } from './host-facts.ts';

/** CPUs that are remembered: guests of a host have a few kinds. */
const MAX_REMEMBERED = 100;

/** Completes the CPUs in live definitions by what only the host knows of them. */
export class StartedCpus {
  readonly #facts: () => Promise<HostFacts>;
  /** All features, by the text of the CPU. */
  readonly #expanded = new Map<string, GuestCpu['all']>();

  constructor(facts: () => Promise<HostFacts>) {
    this.#facts = facts;
  }

  /** The CPU with all its features. A CPU that is the host's has those that the host gives to guests. */
  async complete(libvirt: Libvirt, cpu: GuestCpu): Promise<GuestCpu> {
    const { capabilities, virtType, guestCpu } = await this.#facts();
    const { model, vendor, features } = guestCpu;
    if (cpu.mode !== 'custom') return { ...cpu, model, vendor, all: features };
    const text = cpuText(cpu);
    let all = this.#expanded.get(text);
    if (all === undefined) {
      all = await expandCpu(libvirt, cpu, { arch: capabilities.arch, virtType });
      if (this.#expanded.size >= MAX_REMEMBERED) this.#expanded.clear();
      this.#expanded.set(text, all);
    }
    return { ...cpu, all };
  }
}
