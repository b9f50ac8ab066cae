import type { GuestCpu } from '../../../model/guest-cpu.ts';
import { nodes, textOf, type XmlNode } from '../../../model/xml-node.ts';

const MODES = ['custom', 'host-passthrough', 'maximum'] as const;

/**
 * Reads a `<cpu>` element, or libvirt's `<mode name='host-model'>` of a host.
 * @param cpu as fast-xml-parser gives it, its `feature` elements as a list
 * @returns null for a CPU that is left to QEMU, or that only names a mode to be expanded at the start
 */
export function readCpu(cpu: XmlNode): Omit<GuestCpu, 'all'> | null {
  const mode = MODES.find((each) => each === (cpu['@_mode'] ?? 'custom'));
  const model = textOf(cpu.model);
  if (mode === undefined || (mode === 'custom' && model === null)) return null;
  return {
    mode,
    model,
    vendor: textOf(cpu.vendor),
    features: Object.fromEntries(
      nodes(cpu.feature).map((each) => [String(each['@_name']), String(each['@_policy'] ?? 'require')]),
    ),
  };
}
