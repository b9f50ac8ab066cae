import type { Static } from 'typebox';
import { Failure } from '../../model/failure.ts';
import { addressRequests } from '../../model/network/address-requests.ts';
import type { Network } from '../../model/network/network.ts';
import type { Port } from '../../model/network/port.ts';
import type { PortQueries } from '../../store/promise/networks.ts';
import type { updatePort } from './port-fields.ts';
import { groupsOfPort } from './port-groups.ts';
import { chosenHost, chosenMac, refuseServerId, requireChoice } from './port-policy.ts';
import { networkNotFound, portInUse } from './refusals.ts';
import type { Writing } from './resource.ts';

const MAX_SUBNETS = 64;

type Asked = Static<typeof updatePort>;
type Patch = Parameters<PortQueries['update']>[1];

/** Changes a port. @throws {Failure} `forbidden`, `invalid`, `conflict` */
export async function changePort(at: Writing, port: Port, asked: Asked): Promise<Port> {
  const network = await at.store.networks.find(port.networkId);
  if (network === undefined) throw networkNotFound(port.networkId);
  requireChoice(at, { network, asked, rule: 'update_port' });
  const patch: Patch = {
    ...(asked.name !== undefined && { name: asked.name }),
    ...(asked.description !== undefined && { description: asked.description }),
    ...statePatch(port, asked),
    ...hostPatch(at, port, asked),
    ...macPatch(port, asked),
    ...(await devicePatch(at, port, asked)),
    ...(await addressPatch(at, network, asked)),
    ...(await securityPatch(at, port, asked)),
    updatedAt: at.now,
  };
  return at.store.ports.update({ id: port.id, generation: port.generation }, patch);
}

/** Hosts do not switch off what a guest uses. */
function statePatch(port: Port, { admin_state_up: up }: Asked): Patch {
  if (up === undefined || up === port.adminStateUp) return {};
  if (!up && port.index !== null) throw portInUse(port);
  return { adminStateUp: up };
}

/** The host of a server's port is the server's. */
function hostPatch(at: Writing, port: Port, asked: Asked): Patch {
  const host = chosenHost(at, { asked, rule: 'update_port' });
  if (host === undefined || host === port.host) return {};
  if (port.index !== null) throw portInUse(port);
  return { host };
}

/** neutron/plugins/ml2/plugin.py _check_mac_update_allowed */
function macPatch(port: Port, { mac_address }: Asked): Patch {
  const mac = chosenMac(mac_address);
  if (mac === null || mac === port.mac) return {};
  if (port.index !== null)
    throw new Failure(
      'conflict',
      `Unable to complete operation on port ${port.id}, port is already bound: its server ${port.deviceId} has the mac address ${port.mac}.`,
      { type: 'PortBound' },
    );
  return { mac };
}

async function devicePatch(at: Writing, port: Port, { device_id, device_owner }: Asked): Promise<Patch> {
  const isChanged =
    (device_id !== undefined && device_id !== port.deviceId) ||
    (device_owner !== undefined && device_owner !== port.deviceOwner);
  if (!isChanged) return {};
  if (port.index !== null) throw portInUse(port);
  if (device_id !== undefined) await refuseServerId(at, device_id);
  return {
    ...(device_id !== undefined && { deviceId: device_id }),
    ...(device_owner !== undefined && { deviceOwner: device_owner }),
  };
}

async function addressPatch({ store }: Writing, network: Network, { fixed_ips }: Asked): Promise<Patch> {
  if (fixed_ips === undefined) return {};
  const subnets = await store.subnets.list({ networkIds: [network.id] }, { limit: MAX_SUBNETS });
  return { addresses: addressRequests(fixed_ips, subnets) };
}

/** neutron/plugins/ml2/extensions/port_security.py, neutron/plugins/ml2/plugin.py update_port */
async function securityPatch(at: Writing, port: Port, asked: Asked): Promise<Patch> {
  const portSecurity = asked.port_security_enabled ?? port.portSecurityEnabled;
  if (!portSecurity && asked.security_groups === undefined && port.securityGroupIds.length > 0)
    throw new Failure(
      'conflict',
      'Port has security group associated. Cannot disable port security or IP address until security group is removed.',
      { type: 'PortSecurityPortHasSecurityGroup' },
    );
  return {
    ...(asked.port_security_enabled !== undefined && { portSecurityEnabled: portSecurity }),
    ...(asked.security_groups !== undefined && {
      securityGroupIds: await groupsOfPort(at, {
        project: port.projectId,
        asked: asked.security_groups,
        portSecurity,
      }),
    }),
  };
}
