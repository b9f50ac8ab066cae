import { Failure } from '../../../model/failure.ts';
import type { NetworkId, PortId } from '../../../model/network/network-ids.ts';
import type { PortWish } from '../../../model/network/port-wish.ts';
import type { Server } from '../../../model/server.ts';
import type { RequestContext } from '../../http/route.ts';
import { dashed } from './requested-networks.ts';
import { networksNamed, portOn, requestedPorts, requireChosenAddress } from './requested-ports.ts';

export interface AttachmentBody {
  readonly net_id?: string;
  readonly port_id?: string;
  readonly fixed_ips?: readonly { readonly ip_address: string }[];
  readonly tag?: string;
}

/**
 * The port that an attachment wants: the one that it names, or one on the network that it names, or on the
 * only network (nova/api/openstack/compute/attach_interfaces.py InterfaceAttachmentController.create).
 * @throws {Failure} in Nova's words
 */
export async function attachmentWish(
  context: RequestContext,
  { projectId }: Server,
  { net_id: network, port_id: port, fixed_ips: addresses, tag = '' }: AttachmentBody,
): Promise<PortWish> {
  const fixedIp = addresses?.[0]?.ip_address ?? null;
  const tagged = { tag: tag === '' ? null : tag };
  if (network !== undefined && port !== undefined)
    throw new Failure('invalid', 'Must not input both network_id and port_id');
  if (fixedIp !== null && network === undefined)
    throw new Failure('invalid', 'Must input network_id when request IP address');
  if (port !== undefined) return { portId: dashed(port) as PortId, ...tagged };
  if (network === undefined) return { ...(await onlyPort(context, projectId)), ...tagged };
  const networkId = dashed(network) as NetworkId;
  const found = (await networksNamed(context, [networkId])).get(networkId)!;
  if (fixedIp !== null)
    await requireChosenAddress(context, { network: found.network, address: fixedIp, kind: 'conflict' });
  return portOn(found, { fixedIp, ...tagged });
}

async function onlyPort(context: RequestContext, project: string): Promise<PortWish> {
  const [wish] = await requestedPorts(context, 'unspecified').catch((error) => {
    if (error instanceof Failure && error.kind === 'conflict') throw new Failure('invalid', error.message);
    throw error;
  });
  if (wish !== undefined) return wish;
  throw new Failure(
    'invalid',
    `No specific network was requested and none are available for project '${project}'.`,
  );
}
