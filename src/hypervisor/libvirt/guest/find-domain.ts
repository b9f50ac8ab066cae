import type { Domain, Libvirt } from 'libvirt-rpc';
import type { ServerId } from '../../../model/ids.ts';
import { isAnswer } from '../connection/failures.ts';

/** As `domainNameOf` makes them. */
const OURS = /^instance-[0-9a-f]{8,}$/;

/**
 * The domain of a server; undefined when this host has none. A domain that somebody else defined with the
 * UUID of a server is none of ours: it is neither changed nor ended.
 */
export async function findDomain(libvirt: Libvirt, server: ServerId): Promise<Domain | undefined> {
  try {
    const domain = await libvirt.domainLookupByUUID({ uuid: server });
    return OURS.test(domain.name) ? domain : undefined;
  } catch (error) {
    if (isAnswer(error, 'ERR_NO_DOMAIN')) return undefined;
    throw error;
  }
}
