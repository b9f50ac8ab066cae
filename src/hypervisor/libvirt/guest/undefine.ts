import { type Domain, type Libvirt, undefineFlags, xmlFlags } from 'libvirt-rpc';
import { Failure } from '../../../model/failure.ts';
import type { FormerVariables } from './former-variables.ts';
import { isActive } from './power-state.ts';

/** Flags that remove everything that belongs to a guest's definition. */
const UNDEFINE_ALL =
  undefineFlags.managedSave | undefineFlags.snapshotsMetadata | undefineFlags.checkpointsMetadata;

/**
 * Removes a guest's definition. UEFI variables in a disk set stay with the set, which another host may share.
 * @throws {Failure} `conflict` while the guest runs
 */
export async function undefine(libvirt: Libvirt, domain: Domain, former: FormerVariables): Promise<void> {
  if (isActive((await libvirt.domainGetState({ domain })).state))
    throw new Failure('conflict', `The guest ${domain.uuid} runs and cannot be undefined.`);
  const definition = await libvirt.domainGetXMLDesc({ domain, flags: xmlFlags.inactive });
  const variables = former.fileOf(definition) === null ? undefineFlags.keepNvram : undefineFlags.nvram;
  await libvirt.domainUndefineFlags({ domain, flags: UNDEFINE_ALL | variables });
}
