import { randomUUID } from 'node:crypto';
import type { Static } from 'typebox';
import { addressRequests, usualAddresses } from '../../model/network/address-requests.ts';
import { firstWithRoom } from '../../model/network/first-with-room.ts';
import type { Subnet } from '../../model/network/network.ts';
import type { NetworkId, PortId } from '../../model/network/network-ids.ts';
import type { Port } from '../../model/network/port.ts';
import type { PortRequest } from '../../store/promise/networks.ts';
import { isShownTo } from './network-view.ts';
import { ownerOf } from './owner.ts';
import type { createPort } from './port-fields.ts';
import { groupsOfPort } from './port-groups.ts';
import { chosenHost, chosenMac, refuseServerId, requireChoice } from './port-policy.ts';
import { networkNotFound } from './refusals.ts';
import { requireQuota } from './require-quota.ts';
import type { Writing } from './resource.ts';

/** Subnets of one network, at most. */
const MAX_SUBNETS = 64;

/**
 * Makes a port: its MAC and addresses are claimed in the same transaction.
 * @throws {Failure} `not-found`, `forbidden`, `invalid`, `over-quota`, `conflict`
 */
export async function insertPort(at: Writing, asked: Static<typeof createPort>): Promise<Port> {
  const { store, caller, now } = at;
  const projectId = ownerOf(asked, caller);
  const network = await store.networks.find(asked.network_id.toLowerCase() as NetworkId);
  if (network === undefined || !isShownTo(at, network)) throw networkNotFound(asked.network_id);
  requireChoice(at, { network, asked, rule: 'create_port' });
  const mac = chosenMac(asked.mac_address);
  if (asked.device_id !== undefined) await refuseServerId(at, asked.device_id);
  await requireQuota(store, 'port', projectId);
  const portSecurity = asked.port_security_enabled ?? network.portSecurityEnabled;
  const subnets = await store.subnets.list({ networkIds: [network.id] }, { limit: MAX_SUBNETS });
  const request = {
    id: randomUUID() as PortId,
    generation: 1,
    networkId: network.id,
    projectId,
    name: asked.name ?? '',
    description: asked.description ?? '',
    adminStateUp: asked.admin_state_up ?? true,
    mac,
    deviceId: asked.device_id ?? '',
    deviceOwner: asked.device_owner ?? '',
    host: chosenHost(at, { asked, rule: 'create_port' }) ?? null,
    status: 'DOWN',
    securityGroupIds: await groupsOfPort(at, {
      project: projectId,
      asked: asked.security_groups,
      portSecurity,
    }),
    portSecurityEnabled: portSecurity,
    vnicType: 'normal',
    dnsName: '',
    tags: asked.tags ?? [],
    deletedWithServer: false,
    index: null,
    deviceTag: null,
    createdAt: now,
    updatedAt: now,
  } as const;
  return firstWithRoom(choicesOf(asked.fixed_ips, subnets), (addresses) =>
    store.ports.insert({ ...request, addresses }),
  );
}

function choicesOf(
  asked: Static<typeof createPort>['fixed_ips'],
  subnets: readonly Subnet[],
): PortRequest['addresses'][] {
  return asked === undefined ? usualAddresses(subnets) : [addressRequests(asked, subnets)];
}
