import type { ServerPort } from '../../../store/promise/networks.ts';
import { integer, listOf, mapOf, object, optional, text, word } from '../../http/shape.ts';

const TYPE = 'OS-EXT-IPS:type';
const MAC = 'OS-EXT-IPS-MAC:mac_addr';

export const serverAddresses = mapOf(
  listOf(
    object(
      { version: integer, addr: text, [TYPE]: optional(word('fixed')), [MAC]: optional(text) },
      'ServerAddress',
    ),
  ),
);

interface Address {
  readonly version: 4 | 6;
  readonly addr: string;
  readonly [TYPE]?: 'fixed';
  readonly [MAC]?: string;
}

/**
 * A server's addresses by the names of its networks
 * (nova/api/openstack/compute/views/ips.py ViewBuilder.index).
 * @param form `extended`: with the type and MAC of each, as a server shows them
 */
export function addressesOf(
  ports: readonly ServerPort[],
  { extended }: { readonly extended: boolean },
): Record<string, Address[]> {
  const byNetwork: Record<string, Address[]> = Object.create(null);
  for (const { network, mac, addresses } of ports) {
    const shown = addresses.map((addr): Address => {
      const version = addr.includes(':') ? 6 : 4;
      return extended ? { version, addr, [TYPE]: 'fixed', [MAC]: mac } : { version, addr };
    });
    byNetwork[network] = [...(byNetwork[network] ?? []), ...shown];
  }
  return byNetwork;
}
