import type { GuestCpu } from '../../../model/guest-cpu.ts';

type Node = Readonly<Record<string, unknown>>;

const MODES = ['custom', 'host-passthrough', 'maximum'] as const;

/**
 * Reads a `<cpu>` element, or libvirt's `<mode name='host-model'>` of a host.
 * @param cpu as fast-xml-parser gives it, its `feature` elements as a list
 * @returns null for a CPU that is left to QEMU, or that only names a mode to be expanded at the start
 */
export function readCpu(cpu: Node): Omit<GuestCpu, 'all'> | null {
  const mode = MODES.find((each) => each === (cpu['@_mode'] ?? 'custom'));
  const model = textOf(cpu.model);
  if (mode === undefined || (mode === 'custom' && model === null)) return null;
  const features = Array.isArray(cpu.feature) ? (cpu.feature as Node[]) : [];
  return {
    mode,
    model,
    vendor: textOf(cpu.vendor),
    features: Object.fromEntries(
      features.map((each) => [String(each['@_name']), String(each['@_policy'] ?? 'require')]),
    ),
  };
}

function textOf(value: unknown): string | null {
  const text = typeof value === 'object' && value !== null ? (value as Node)['#text'] : value;
  return typeof text === 'string' && text !== '' ? text : null;
}
