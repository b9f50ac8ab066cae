import type { ComputeHost } from '../model/host.ts';
import { isInRange, parseVersionRange } from '../model/version-range.ts';
import type { Candidate, Filter } from './filter.ts';
import { propertyOf } from './image-property-names.ts';

/** Other names of architectures (nova/objects/fields.py Architecture.canonicalize). */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  x86_32: 'i686',
  i386: 'i686',
  i486: 'i686',
  i586: 'i686',
};

/** Hypervisor types that satisfy `img_hv_type`. libvirt reports QEMU with KVM too. */
const RUNS: Readonly<Record<string, readonly string[]>> = { qemu: ['qemu', 'kvm'] };

/** All guests are fully virtualized. */
const VM_MODE = 'hvm';

/**
 * Passes hosts with the architecture, hypervisor type and version, and VM mode that the image requires
 * (nova/scheduler/filters/image_props_filter.py ImagePropertiesFilter).
 */
export const imagePropertiesFilter: Filter = {
  name: 'ImagePropertiesFilter',
  onRebuild: true,
  forOwner:
    'has the architecture and hypervisor that its image asks for (hw_architecture, hw_emulation_architecture, img_hv_type, img_hv_requested_version, hw_vm_mode)',
  testFor({ image }) {
    const arch = canonical(propertyOf(image, 'hw_architecture'));
    const emulated = canonical(propertyOf(image, 'hw_emulation_architecture'));
    const type = propertyOf(image, 'img_hv_type')?.trim().toLowerCase();
    const mode = propertyOf(image, 'hw_vm_mode')?.trim().toLowerCase();
    const wanted = propertyOf(image, 'img_hv_requested_version');
    const versions = wanted === undefined ? undefined : parseVersionRange(wanted);
    if ([arch, emulated, type, mode, wanted].every((each) => each === undefined)) return undefined;
    return ({ host }: Candidate) => {
      if (arch !== undefined && arch !== canonical(host.arch))
        return `The image asks for architecture ${arch} (hw_architecture); the host has ${host.arch}.`;
      if (emulated !== undefined && emulated !== canonical(host.arch))
        return `The image asks for emulation of ${emulated} (hw_emulation_architecture); the host has ${host.arch}, and guests are not emulated.`;
      if (type !== undefined && !runs(host).includes(type))
        return `The image asks for hypervisor type ${type} (img_hv_type); the host has ${host.hypervisorType}.`;
      if (mode !== undefined && mode !== VM_MODE)
        return `The image asks for VM mode ${mode} (hw_vm_mode); the host has ${VM_MODE}.`;
      if (wanted !== undefined && (versions === undefined || !isInRange(versions, partsOf(host))))
        return `The image asks for hypervisor version ${wanted} (img_hv_requested_version); the host has ${partsOf(host).join('.')}.`;
      return undefined;
    };
  },
};

/** A version as libvirt's number, with three digits each for minor and release. */
function partsOf({ hypervisorVersion: number }: Pick<ComputeHost, 'hypervisorVersion'>): number[] {
  return [Math.floor(number / 1_000_000), Math.floor(number / 1_000) % 1_000, number % 1_000];
}

function canonical(arch: string | undefined): string | undefined {
  const word = arch?.trim().toLowerCase();
  return word === undefined ? undefined : (ARCHITECTURES[word] ?? word);
}

function runs({ hypervisorType }: Pick<ComputeHost, 'hypervisorType'>): readonly string[] {
  const type = hypervisorType.toLowerCase();
  return RUNS[type] ?? [type];
}
