import { within } from '../../async/deadline.ts';
import { Semaphore } from '../../async/semaphore.ts';
import type { Bus } from '../../bus/bus.ts';
import { isDown } from '../../model/host-down.ts';
import type { HostName, ServerId } from '../../model/ids.ts';
import type { Store } from '../../store/promise/store.ts';
import { LOOK_MS } from '../engine/follow-guest.ts';
import type { IdentityHolder } from './identity-holders.ts';

const HOSTS_AT_ONCE = 32;

/**
 * Hosts whose hypervisor has a domain with this UUID, a guest of Nameplate or not. Hosts that are down or do
 * not answer are left out: their driver refuses to define a second domain with that UUID.
 */
export async function domainHolders(
  { store, bus }: { readonly store: Pick<Store, 'hosts'>; readonly bus: Bus },
  id: ServerId | null,
  serviceDownMs: number,
): Promise<IdentityHolder[]> {
  if (id === null) return [];
  const places = new Semaphore(HOSTS_AT_ONCE);
  const up = (await store.hosts.list()).filter((host) => !isDown(host, { serviceDownMs }));
  const has = (host: HostName) => {
    const look = { verb: 'observe', server: id } as const;
    const ask = (signal: AbortSignal) => places.run(signal, () => bus.request(host, look, signal));
    return within(LOOK_MS, ask).then(
      ({ power }) => power !== 'absent',
      () => false,
    );
  };
  const found = await Promise.all(up.map(async ({ name }) => ((await has(name)) ? [name] : [])));
  return found.flat().map((host) => ({
    ...{ name: 'id', value: id, kind: 'domain' as const },
    holder: `a domain of compute host ${host}, which is not a server (virsh dominfo ${id} there)`,
  }));
}
