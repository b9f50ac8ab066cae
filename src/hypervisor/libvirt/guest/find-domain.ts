import type { Domain, Libvirt } from 'libvirt-rpc';
import type { ServerId } from '../../../model/ids.ts';
import { isAnswer } from '../connection/failures.ts';

/** The domain of a server; undefined when this host has none. */
export async function findDomain(libvirt: Libvirt, server: ServerId): Promise<Domain | undefined> {
  try {
    return await libvirt.domainLookupByUUID({ uuid: server });
  } catch (error) {
    if (isAnswer(error, 'ERR_NO_DOMAIN')) return undefined;
    throw error;
  }
}
