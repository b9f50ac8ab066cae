import { Failure } from '../../../model/failure.ts';
import { isUuid } from '../../../model/ids.ts';
import type { NetworkId, PortId } from '../../../model/network/network-ids.ts';
import type { RequestedNetwork, RequestedNetworks } from './create-schemas.ts';

const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** A network or a port that a body names. */
export type NamedNetwork =
  | { readonly portId: PortId; readonly tag: string | null }
  | { readonly networkId: NetworkId; readonly fixedIp: string | null; readonly tag: string | null };

/**
 * What a body says about networks: `unspecified` below 2.37, where it need say nothing.
 * (nova/api/openstack/compute/servers.py ServersController._get_requested_networks)
 */
export type NetworkWish = 'unspecified' | 'auto' | 'none' | readonly NamedNetwork[];

/** @throws {Failure} `invalid`, in Nova's words */
export function networkWish(networks: RequestedNetworks | undefined): NetworkWish {
  if (networks === undefined) return 'unspecified';
  if (typeof networks === 'string') return networks;
  const ports = new Set<string>();
  const named = networks.map((network) => {
    const one = namedNetwork(network);
    if (!('portId' in one)) return one;
    const { portId } = one;
    if (ports.has(portId))
      throw new Failure(
        'invalid',
        `Port ID '${portId}' was specified twice: you cannot attach a port multiple times.`,
      );
    ports.add(portId);
    return one;
  });
  return named.length === 0 ? 'unspecified' : named;
}

function namedNetwork({ uuid, port, fixed_ip: fixedIp, tag }: RequestedNetwork): NamedNetwork {
  if (typeof port === 'string') {
    if (fixedIp !== undefined)
      throw new Failure(
        'invalid',
        `Specified Fixed IP '${fixedIp}' cannot be used with port '${port}': the two cannot be specified together.`,
      );
    return { portId: dashed(port) as PortId, tag: tag ?? null };
  }
  if (uuid === undefined) throw new Failure('invalid', "Bad network format: missing 'uuid'");
  if (!UUID.test(uuid))
    throw new Failure('invalid', `Bad networks format: network uuid is not in proper format (${uuid})`);
  return { networkId: dashed(uuid) as NetworkId, fixedIp: fixedIp ?? null, tag: tag ?? null };
}

/** Nova takes UUIDs without dashes and in upper case too. */
export function dashed(uuid: string): string {
  const digits = uuid.toLowerCase().replaceAll('-', '');
  const text = [8, 12, 16, 20, 32].map((end, at) => digits.slice([0, 8, 12, 16, 20][at], end)).join('-');
  return isUuid(text) ? text : uuid;
}
