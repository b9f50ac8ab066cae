import assert from 'node:assert/strict';
import type { ProjectId } from '../../src/model/ids.ts';
import type { NetworkId, SubnetId } from '../../src/model/network/network-ids.ts';
import type { NewPort } from '../../src/model/network/port-wish.ts';
import { attachPort, detachPort } from '../../src/operations/kinds/port-server.ts';
import { caseRequest } from './case-request.ts';
import type { Cloud } from './cloud.ts';
import type { ComputeClient } from './compute-client.ts';
import { requester } from './requests.ts';

const NETWORK = '7c7c7c7c-0000-4000-8000-000000000001' as NetworkId;
const SUBNET = '7c7c7c7c-0000-4000-8000-000000000002' as SubnetId;

/** Attaches a port on the one network of the cloud. */
export const attach = caseRequest(
  'attach port',
  async (cloud, server) => {
    const wish = await portWish(cloud);
    return cloud.operations.start(attachPort, server, { wish, portLimit: -1 }, requester());
  },
  'active',
);

/** Detaches a server's first port. */
export const detach = caseRequest('detach port', async ({ store, operations }, { id, projectId }) => {
  const [port] = (await store.ports.ofServers([id])).get(id) ?? [];
  return operations.start(detachPort, { id, projectId }, { port: port!.id }, requester());
});

/** A new port on that network. */
export async function portWish(cloud: Cloud): Promise<NewPort> {
  await withNetwork(cloud);
  return { networkId: NETWORK, choices: [[{ subnetId: SUBNET }]], portSecurityEnabled: true, tag: null };
}

async function withNetwork({ store }: Cloud): Promise<void> {
  if ((await store.networks.find(NETWORK)) !== undefined) return;
  const always = { generation: 1, projectId: 'admin' as ProjectId, description: '', tags: [] };
  const at = { createdAt: 0, updatedAt: 0 };
  await store.networks.insert({
    ...{ id: NETWORK, name: 'private', shared: true, adminStateUp: true, kind: 'nat', mtu: 1500 },
    ...{ physicalNetwork: null, dnsDomain: '', portSecurityEnabled: true, ...always, ...at },
  });
  await store.subnets.insert({
    ...{ id: SUBNET, networkId: NETWORK, name: '', ipVersion: 4, cidr: '10.77.0.0/24' },
    ...{ gatewayIp: '10.77.0.1', enableDhcp: true, dnsNameservers: [], hostRoutes: [], ...always, ...at },
    ...{ allocationPools: [{ start: '10.77.0.2', end: '10.77.0.254' }], ipv6AddressMode: null },
    ipv6RaMode: null,
  });
}

/** The same over the Compute API. */
export async function requestOfPort(
  client: ComputeClient,
  request: 'attach port' | 'detach port',
  server: string,
): Promise<void> {
  const path = `/servers/${server}/os-interface`;
  if (request === 'attach port') {
    await client.ask('POST', path, { interfaceAttachment: {} });
    return;
  }
  const { interfaceAttachments } = (await client.ask('GET', path)) as {
    interfaceAttachments: { port_id: string }[];
  };
  assert.ok(interfaceAttachments[0], 'the server has a port');
  await client.ask('DELETE', `${path}/${interfaceAttachments[0].port_id}`);
}
