import type { GuestCpu } from '../../../model/guest-cpu.ts';
import { element, textElement, type XmlElement } from '../../../model/xml-element.ts';
import type { CpuMode, DomainInputs } from './domain-inputs.ts';

const DEFAULT_MODEL = 'qemu64';

type CpuInputs = Pick<DomainInputs, 'cpuMode' | 'cpuModel' | 'virtType'>;

/**
 * An emulated CPU cannot follow the host's CPU. With emulation, `host-model` is QEMU's default model, and
 * `host-passthrough` is everything that QEMU can emulate.
 */
function cpuModeOf({ cpuMode, virtType }: CpuInputs): NonNullable<CpuMode> {
  const mode = cpuMode ?? 'host-model';
  if (virtType === 'kvm') return mode;
  return mode === 'host-model' ? 'none' : mode === 'host-passthrough' ? 'maximum' : mode;
}

/** What the host's configuration asks for, as the server's record names it. */
export function configuredCpu(inputs: CpuInputs): string {
  const mode = cpuModeOf(inputs);
  return mode === 'custom' ? `custom (${inputs.cpuModel ?? DEFAULT_MODEL})` : mode;
}

/** The CPU of a definition: the held one, or what the host's configuration says. */
export function cpuElement(inputs: DomainInputs): XmlElement {
  const topology = element('topology', {
    sockets: String(inputs.plan.flavor.vcpus),
    cores: '1',
    threads: '1',
  });
  if (inputs.heldCpu !== null) return heldCpuElement(inputs.heldCpu, topology);
  const mode = cpuModeOf(inputs);
  if (mode === 'none') return element('cpu', {}, [topology]);
  if (mode !== 'custom') return element('cpu', { mode }, [topology]);
  return element('cpu', { mode, match: 'exact', check: 'none' }, [
    element('model', { fallback: 'allow' }, inputs.cpuModel ?? DEFAULT_MODEL),
    topology,
  ]);
}

/** A CPU as a guest was started with. libvirt refuses to start a guest that would have any other. */
export function heldCpuElement(cpu: GuestCpu, topology?: XmlElement): XmlElement {
  if (cpu.mode !== 'custom' || cpu.model === null) return element('cpu', { mode: cpu.mode }, [topology]);
  return element('cpu', { mode: 'custom', match: 'exact', check: 'full' }, [
    element('model', { fallback: 'forbid' }, cpu.model),
    cpu.vendor === null ? undefined : textElement('vendor', cpu.vendor),
    topology,
    ...Object.entries(cpu.features).map(([name, policy]) => element('feature', { policy, name })),
  ]);
}
