import { type Libvirt, statsTypes } from 'libvirt-rpc';
import type { GuestObservation } from '../../../model/guest.ts';
import type { ServerId } from '../../../model/ids.ts';
import { isAnswer } from '../connection/failures.ts';
import { powerStateOf } from './power-state.ts';

/** The power of one guest. */
export async function observe(libvirt: Libvirt, server: ServerId): Promise<GuestObservation> {
  try {
    const domain = await libvirt.domainLookupByUUID({ uuid: server });
    return { serverId: server, power: powerStateOf((await libvirt.domainGetState({ domain })).state) };
  } catch (error) {
    if (isAnswer(error, 'ERR_NO_DOMAIN')) return { serverId: server, power: 'absent' };
    throw error;
  }
}

/** The power of all guests of these servers that the hypervisor has. */
export async function observeAll(
  libvirt: Libvirt,
  servers: ReadonlySet<string>,
): Promise<GuestObservation[]> {
  const domains = await libvirt.connectGetAllDomainStats({ stats: statsTypes.state });
  return domains
    .filter(({ domain }) => servers.has(domain.uuid))
    .map(({ domain, params }) => {
      const state = params.find(({ field }) => field === 'state.state')?.value;
      return { serverId: domain.uuid as ServerId, power: powerStateOf(Number(state)) };
    });
}
