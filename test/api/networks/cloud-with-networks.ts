import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ProjectId } from '../../../src/model/ids.ts';
import { parseCidr } from '../../../src/model/network/cidr.ts';
import type { Network } from '../../../src/model/network/network.ts';
import type { NetworkId, PortId, SubnetId } from '../../../src/model/network/network-ids.ts';
import type { Port } from '../../../src/model/network/port.ts';
import { type Answer, type CloudUnderTest, type Setting, startCloud } from '../cloud-under-test.ts';

/** A cloud with servers on networks; what is made of networks is written into its store. */
export interface CloudWithNetworks extends CloudUnderTest {
  /** `POST /servers` with a small server, as `member` at 2.79 unless said. */
  create(more: object, how?: { readonly version?: string; readonly token?: string }): Promise<Answer>;
  /** Creates a server and waits until it has come to rest. */
  created(more: object, version?: string): Promise<string>;
  shown(id: string, version?: string): Promise<Record<string, unknown> & { readonly addresses: Addresses }>;
  /** Deletes a server and waits until it is gone. */
  remove(id: string): Promise<void>;
  /** A network of the member's project with one subnet. */
  makeNetwork(cidr: string, changes?: Partial<Network>): Promise<NetworkId>;
  /** One more subnet of it. */
  makeSubnet(network: NetworkId, cidr: string): Promise<void>;
  /** A port of the member's project that nothing uses. */
  makePort(network: NetworkId, changes?: Partial<Port>): Promise<Port>;
}

export type Addresses = Readonly<
  Record<string, readonly { readonly addr: string; readonly 'OS-EXT-IPS-MAC:mac_addr'?: string }[]>
>;

export async function startCloudWithNetworks(settings: readonly Setting[] = []): Promise<CloudWithNetworks> {
  const cloud = await startCloud(settings);
  const { store } = cloud.service;
  const projectId = cloud.member.projectId as ProjectId;
  const create: CloudWithNetworks['create'] = (more, { version = '2.79', token } = {}) =>
    cloud.compute('POST', '/servers', {
      body: { server: { name: 's', flavorRef: 'small', imageRef: cloud.image, ...more } },
      ...{ version, ...(token !== undefined && { token }) },
    });
  return {
    ...cloud,
    create,
    async created(more, version) {
      const answer = await create(more, version === undefined ? {} : { version });
      assert.equal(answer.status, 202, answer.text);
      const { id } = answer.body.server;
      await cloud.atRest(id);
      return id;
    },
    async shown(id, version = '2.79') {
      const answer = await cloud.compute('GET', `/servers/${id}`, { version });
      assert.equal(answer.status, 200, answer.text);
      return answer.body.server;
    },
    async remove(id) {
      const answer = await cloud.compute('DELETE', `/servers/${id}`);
      assert.equal(answer.status, 204, answer.text);
      await cloud.atRest(id);
    },
    async makeNetwork(cidr, changes = {}) {
      const network = networkOf(projectId, changes);
      await store.networks.insert(network);
      await store.subnets.insert(subnetOf(network, cidr));
      return network.id;
    },
    async makeSubnet(id, cidr) {
      await store.subnets.insert(subnetOf({ id, projectId }, cidr));
    },
    makePort: (networkId, changes = {}) => makePort(cloud, { networkId, projectId, ...changes }),
  };
}

function networkOf(projectId: ProjectId, changes: Partial<Network>): Network {
  return {
    id: randomUUID() as NetworkId,
    ...{ generation: 1, name: 'another', description: '', projectId, shared: false, adminStateUp: true },
    ...{ kind: 'nat', physicalNetwork: null, mtu: 1500, dnsDomain: '', portSecurityEnabled: true },
    ...{ tags: [], createdAt: 0, updatedAt: 0 },
    ...changes,
  };
}

function subnetOf({ id: networkId, projectId }: Pick<Network, 'id' | 'projectId'>, text: string) {
  const cidr = parseCidr(text)!;
  const start = text.replace(/\d+\/\d+$/, '2').replace(/::\/\d+$/, '::2');
  const end = text.replace(/\d+\/\d+$/, '6').replace(/::\/\d+$/, '::6');
  return {
    id: randomUUID() as SubnetId,
    ...{ generation: 1, networkId, projectId, name: '', description: '', ipVersion: cidr.version },
    ...{ cidr: cidr.text, gatewayIp: null, enableDhcp: true, allocationPools: [{ start, end }] },
    ...{ dnsNameservers: [], hostRoutes: [], ipv6AddressMode: null, ipv6RaMode: null },
    ...{ tags: [], createdAt: 0, updatedAt: 0 },
  };
}

async function makePort(
  { service: { store } }: CloudUnderTest,
  changes: Partial<Port> & Pick<Port, 'networkId' | 'projectId'>,
): Promise<Port> {
  const [subnet] = await store.subnets.list({ networkIds: [changes.networkId] }, { limit: 1 });
  return store.ports.insert({
    id: randomUUID() as PortId,
    ...{ generation: 1, name: '', description: '', adminStateUp: true, mac: null },
    addresses: subnet === undefined ? [] : [{ subnetId: subnet.id }],
    ...{ deviceId: '', deviceOwner: '', host: null, status: 'DOWN', securityGroupIds: [] },
    ...{ portSecurityEnabled: true, vnicType: 'normal', dnsName: '', tags: [], deletedWithServer: false },
    ...{ index: null, deviceTag: null, createdAt: 0, updatedAt: 0 },
    ...changes,
  });
}
