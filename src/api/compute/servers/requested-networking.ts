import { Failure } from '../../../model/failure.ts';
import type { ServerRequest } from '../../../operations/requests/operations.ts';
import type { RequestContext } from '../../http/route.ts';
import type { CreateBody } from './create-schemas.ts';
import { requesterOf } from './found-server.ts';
import { portLimitOf } from './port-quota.ts';
import type { RequestedCount } from './requested-count.ts';
import { type NetworkWish, networkWish } from './requested-networks.ts';
import { requestedPorts } from './requested-ports.ts';
import { requestedSecurityGroups } from './requested-security-groups.ts';

export interface Networking extends Pick<ServerRequest, 'ports' | 'securityGroupIds'> {
  readonly portLimit: number;
}

/**
 * What each of the servers that a body wants is to have of networks.
 * @throws {Failure} in Nova's words (nova/compute/api.py API.create, nova/network/neutron.py
 * API.validate_networks)
 */
export async function requestedNetworking(
  context: RequestContext,
  body: CreateBody['server'],
  count: RequestedCount,
): Promise<Networking> {
  const wish = networkWish(body.networks);
  if (count.most > 1) requireForSeveral(wish);
  const { projectId } = requesterOf(context);
  const ports = await requestedPorts(context, wish);
  const names = (body.security_groups ?? []).map(({ name }) => name ?? 'default');
  const securityGroupIds = await requestedSecurityGroups(context.parts, projectId, names);
  if (securityGroupIds.length > 0 && ports.some((port) => 'networkId' in port && !port.portSecurityEnabled))
    throw new Failure(
      'invalid',
      'Network requires port_security_enabled and subnet associated in order to apply security groups.',
    );
  const portLimit = await portLimitOf(context.parts, projectId);
  return { ports, securityGroupIds, portLimit };
}

function requireForSeveral(wish: NetworkWish): void {
  if (typeof wish === 'string') return;
  if (wish.some((one) => 'networkId' in one && one.fixedIp !== null))
    throw several('max_count cannot be greater than 1 if an fixed_ip is specified.');
  if (wish.some((one) => 'portId' in one))
    throw several(
      'Unable to launch multiple instances with a single configured port ID. Please launch your instance one by one with different ports.',
    );
}

function several(reason: string): Failure {
  return new Failure('invalid', `Failed to launch instances: ${reason}`);
}

/**
 * How many of `count` servers the project's limit of ports leaves room for; one server's ports are counted
 * only where they are claimed.
 * @throws {Failure} `over-quota` when they are fewer than the request must have
 */
export async function countWithinPorts(
  context: RequestContext,
  { ports, portLimit }: Networking,
  count: RequestedCount,
): Promise<number> {
  const each = ports.filter((port) => 'networkId' in port).length;
  if (count.most === 1 || each === 0 || portLimit < 0) return count.most;
  const used = await context.parts.store.ports.count(requesterOf(context).projectId);
  const room = Math.floor((portLimit - used) / each);
  if (room < count.least) throw new Failure('over-quota', 'Maximum number of ports exceeded');
  return Math.min(room, count.most);
}
