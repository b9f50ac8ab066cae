import type { Domain, Libvirt } from 'libvirt-rpc';
import type { GuestReading } from '../../../model/guest-reading.ts';
import type { StartedCpus } from '../host/started-cpus.ts';
import { readLiveGuest } from '../xml/read-identity.ts';
import { isActive } from './power-state.ts';

/** What a guest was started with; null when it does not run. */
export async function readGuest(
  libvirt: Libvirt,
  domain: Domain,
  cpus: StartedCpus,
): Promise<GuestReading | null> {
  const runs = async () => isActive((await libvirt.domainGetState({ domain })).state);
  if (!(await runs())) return null;
  const xml = await libvirt.domainGetXMLDesc({ domain });
  // Of a guest that ended meanwhile it is the persistent definition.
  if (!(await runs())) return null;
  const reading = readLiveGuest(xml);
  return reading.cpu ? { ...reading, cpu: await cpus.complete(libvirt, reading.cpu) } : reading;
}
