import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ProjectId } from '../../src/model/ids.ts';
import type { Network, Subnet } from '../../src/model/network/network.ts';
import type { NetworkId, PortId, SecurityGroupId, SubnetId } from '../../src/model/network/network-ids.ts';
import type { Port } from '../../src/model/network/port.ts';
import type { SecurityGroup, SecurityGroupRule } from '../../src/model/network/security-group.ts';
import type { PortRequest } from '../../src/store/promise/networks.ts';
import type { Queries, Store } from '../../src/store/promise/store.ts';

export const someProject = () => randomUUID() as ProjectId;

export function sampleNetwork(fields: Partial<Network> = {}): Network {
  return {
    id: randomUUID() as NetworkId,
    generation: 1,
    name: 'private',
    description: '',
    projectId: 'p' as ProjectId,
    shared: false,
    adminStateUp: true,
    kind: 'nat',
    physicalNetwork: null,
    mtu: 1500,
    dnsDomain: '',
    portSecurityEnabled: true,
    tags: [],
    createdAt: 1,
    updatedAt: 1,
    ...fields,
  };
}

/** A subnet of 10.0.0.0/24 with a pool of .10 to .19, unless the fields say otherwise. */
export function sampleSubnet(network: Network, fields: Partial<Subnet> = {}): Subnet {
  return {
    id: randomUUID() as SubnetId,
    generation: 1,
    networkId: network.id,
    projectId: network.projectId,
    name: 'private-subnet',
    description: '',
    ipVersion: 4,
    cidr: '10.0.0.0/24',
    gatewayIp: '10.0.0.1',
    enableDhcp: true,
    allocationPools: [{ start: '10.0.0.10', end: '10.0.0.19' }],
    dnsNameservers: [],
    hostRoutes: [],
    ipv6AddressMode: null,
    ipv6RaMode: null,
    tags: [],
    createdAt: 1,
    updatedAt: 1,
    ...fields,
  };
}

export function samplePort(network: Network, fields: Partial<PortRequest> = {}): PortRequest {
  return {
    id: randomUUID() as PortId,
    generation: 1,
    networkId: network.id,
    projectId: network.projectId,
    name: '',
    description: '',
    adminStateUp: true,
    mac: null,
    addresses: [],
    deviceId: '',
    deviceOwner: '',
    host: null,
    status: 'DOWN',
    securityGroupIds: [],
    portSecurityEnabled: true,
    vnicType: 'normal',
    dnsName: '',
    tags: [],
    deletedWithServer: false,
    index: null,
    deviceTag: null,
    createdAt: 1,
    updatedAt: 1,
    ...fields,
  };
}

export function sampleGroup(fields: Partial<SecurityGroup> = {}): SecurityGroup {
  return {
    id: randomUUID() as SecurityGroupId,
    generation: 1,
    projectId: 'p' as ProjectId,
    name: 'web',
    description: '',
    stateful: true,
    rules: [],
    tags: [],
    createdAt: 1,
    updatedAt: 1,
    ...fields,
  };
}

export function sampleRule(group: SecurityGroup, fields: Partial<SecurityGroupRule> = {}): SecurityGroupRule {
  return {
    id: randomUUID(),
    groupId: group.id,
    projectId: group.projectId,
    description: '',
    direction: 'ingress',
    ethertype: 'IPv4',
    protocol: 'tcp',
    portRangeMin: 22,
    portRangeMax: 22,
    remoteIpPrefix: null,
    remoteGroupId: null,
    createdAt: 1,
    ...fields,
  };
}

/** A network with one subnet, in the store. */
export async function networkWithSubnet(
  store: Store,
  fields: Partial<Subnet> = {},
): Promise<{ readonly network: Network; readonly subnet: Subnet }> {
  const network = sampleNetwork({ projectId: someProject() });
  const subnet = sampleSubnet(network, fields);
  await store.networks.insert(network);
  await store.subnets.insert(subnet);
  return { network, subnet };
}

/** Makes a port with one address. */
export function claimOf(
  store: Queries,
  network: Network,
  address: { readonly subnetId: SubnetId; readonly address?: string },
): Promise<Port> {
  return store.ports.insert(samplePort(network, { addresses: [address] }));
}

export function addressOf(port: Port): string {
  return port.fixedIps[0]?.address as string;
}

/** Claims all addresses that are free, of which there must be so many. */
export async function drain(
  store: Store,
  network: Network,
  subnet: Subnet,
  expected: number,
): Promise<Port[]> {
  const claim = () => claimOf(store, network, { subnetId: subnet.id });
  const ports: Port[] = [];
  for (let n = 0; n < expected; n++) ports.push(await claim());
  await assert.rejects(claim(), { kind: 'conflict' });
  return ports;
}
