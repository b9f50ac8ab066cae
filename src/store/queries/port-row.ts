import type { HostName, ProjectId } from '../../model/ids.ts';
import type { MacAddress, NetworkId, PortId } from '../../model/network/network-ids.ts';
import type { Port } from '../../model/network/port.ts';
import type { PortsTable } from '../sql/network-schema.ts';

/** What no query filters by, and copies of what other tables hold for filters: a port is one row to read. */
type Body = Pick<
  Port,
  | 'description'
  | 'fixedIps'
  | 'securityGroupIds'
  | 'portSecurityEnabled'
  | 'vnicType'
  | 'dnsName'
  | 'tags'
  | 'deletedWithServer'
  | 'deviceTag'
>;

/** @param claimedMac null: another port claims its MAC */
export function rowOfPort(port: Port, claimedMac: MacAddress | null = port.mac): PortsTable {
  const body: Body = {
    description: port.description,
    fixedIps: port.fixedIps,
    securityGroupIds: port.securityGroupIds,
    portSecurityEnabled: port.portSecurityEnabled,
    vnicType: port.vnicType,
    dnsName: port.dnsName,
    tags: port.tags,
    deletedWithServer: port.deletedWithServer,
    deviceTag: port.deviceTag,
  };
  return {
    id: port.id,
    generation: port.generation,
    network_id: port.networkId,
    project_id: port.projectId,
    name: port.name,
    admin_state_up: Number(port.adminStateUp),
    mac: port.mac,
    claimed_mac: claimedMac,
    device_id: port.deviceId,
    device_owner: port.deviceOwner,
    place: port.index,
    host: port.host,
    status: port.status,
    created_at: port.createdAt,
    updated_at: port.updatedAt,
    body: JSON.stringify(body),
  };
}

export function portOf(row: PortsTable): Port {
  const body = JSON.parse(row.body) as Body;
  return {
    id: row.id as PortId,
    generation: row.generation,
    networkId: row.network_id as NetworkId,
    projectId: row.project_id as ProjectId,
    name: row.name,
    description: body.description,
    adminStateUp: row.admin_state_up === 1,
    mac: row.mac as MacAddress,
    fixedIps: body.fixedIps,
    deviceId: row.device_id,
    deviceOwner: row.device_owner,
    host: row.host as HostName | null,
    status: row.status as Port['status'],
    securityGroupIds: body.securityGroupIds,
    portSecurityEnabled: body.portSecurityEnabled,
    vnicType: body.vnicType,
    dnsName: body.dnsName,
    tags: body.tags,
    deletedWithServer: body.deletedWithServer,
    index: row.place,
    deviceTag: body.deviceTag,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
