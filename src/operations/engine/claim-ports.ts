import { randomUUID } from 'node:crypto';
import { Failure } from '../../model/failure.ts';
import { firstWithRoom } from '../../model/network/first-with-room.ts';
import type { PortId, SecurityGroupId } from '../../model/network/network-ids.ts';
import type { Port } from '../../model/network/port.ts';
import type { ExistingPort, NewPort, PortWish } from '../../model/network/port-wish.ts';
import type { Server } from '../../model/server.ts';
import type { Queries } from '../../store/promise/store.ts';

/** What a server's ports are claimed with. */
export interface PortClaim {
  readonly wishes: readonly PortWish[];
  /** Of the ports that are made; empty: the project's group `default`. */
  readonly securityGroupIds: readonly SecurityGroupId[];
  /** Number of the first of them among the server's interfaces. */
  readonly firstIndex: number;
  /** Epoch milliseconds */
  readonly at: number;
}

type Owner = Pick<Server, 'id' | 'projectId' | 'hostname' | 'availabilityZone'>;

/**
 * Claims a server's ports in the transaction that writes the request down: all of them or none.
 * @throws {Failure} `not-found`, `invalid` and `conflict` in Nova's words (nova/network/neutron.py
 * API._validate_requested_port_ids, API._create_port_minimal)
 */
export async function claimPorts(tx: Queries, server: Owner, claim: PortClaim): Promise<Port[]> {
  const made: Port[] = [];
  let groups = claim.securityGroupIds;
  for (const [position, wish] of claim.wishes.entries()) {
    const index = claim.firstIndex + position;
    if ('portId' in wish) made.push(await takePort(tx, server, { wish, index, at: claim.at }));
    else {
      if (wish.portSecurityEnabled && groups.length === 0)
        groups = [(await tx.securityGroups.defaultOf(server.projectId, claim.at)).id];
      made.push(await makePort(tx, server, { wish, index, at: claim.at, groups }));
    }
  }
  return made;
}

async function makePort(
  tx: Queries,
  server: Owner,
  {
    wish,
    index,
    at,
    groups,
  }: { wish: NewPort; index: number; at: number; groups: readonly SecurityGroupId[] },
): Promise<Port> {
  const { networkId, choices, portSecurityEnabled, tag } = wish;
  const request = {
    id: randomUUID() as PortId,
    generation: 1,
    networkId,
    projectId: server.projectId,
    name: '',
    description: '',
    adminStateUp: true,
    mac: wish.mac ?? null,
    ...usedBy(server),
    host: null,
    status: 'DOWN',
    securityGroupIds: portSecurityEnabled ? groups : [],
    portSecurityEnabled,
    vnicType: 'normal',
    dnsName: '',
    tags: [],
    deletedWithServer: true,
    index,
    deviceTag: tag,
    createdAt: at,
    updatedAt: at,
  } as const;
  return firstWithRoom(choices, (addresses) => tx.ports.insert({ ...request, addresses }));
}

async function takePort(
  tx: Queries,
  server: Owner,
  { wish, index, at }: { wish: ExistingPort; index: number; at: number },
): Promise<Port> {
  const { portId, tag } = wish;
  const port = await tx.ports.find(portId);
  if (port === undefined) throw new Failure('not-found', `Port id ${portId} could not be found.`);
  if (port.projectId !== server.projectId)
    throw new Failure('invalid', `Port ${portId} not usable for instance ${server.id}.`);
  if (port.deviceId !== '') throw new Failure('conflict', `Port ${portId} is still in use.`);
  if (!port.adminStateUp)
    throw new Failure(
      'invalid',
      `Port ${portId} not usable for instance ${server.id}. It is switched off (admin_state_up is false).`,
    );
  requireSameName(port, server);
  return tx.ports.update(port, {
    ...usedBy(server),
    deletedWithServer: false,
    index,
    deviceTag: tag,
    updatedAt: at,
  });
}

function requireSameName({ id, dnsName }: Port, server: Owner): void {
  if (dnsName === '' || dnsName === server.hostname) return;
  throw new Failure(
    'invalid',
    `Port ${id} not usable for instance ${server.id}. Value ${dnsName} assigned to dns_name attribute does not match instance's hostname ${server.hostname}`,
  );
}

/** What a port names its server by. */
export function usedBy({
  id,
  availabilityZone,
}: Pick<Server, 'id' | 'availabilityZone'>): Pick<Port, 'deviceId' | 'deviceOwner'> {
  return { deviceId: id, deviceOwner: `compute:${availabilityZone ?? 'nova'}` };
}

/**
 * @throws {Failure} `over-quota` when a project has more ports than it may; called after the new ones were
 * claimed
 */
export async function requirePortQuota(
  tx: Queries,
  project: Port['projectId'],
  limit: number,
): Promise<void> {
  if (limit >= 0 && (await tx.ports.count(project)) > limit)
    throw new Failure('over-quota', 'Maximum number of ports exceeded');
}
