import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { NetworkId } from '../../../src/model/network/network-ids.ts';
import { type CloudWithNetworks, startCloudWithNetworks } from './cloud-with-networks.ts';

let cloud: CloudWithNetworks;
let first: NetworkId;
before(async () => {
  cloud = await startCloudWithNetworks();
  const [network] = await cloud.service.store.networks.list({}, { limit: 1 });
  first = network!.id;
});
after(() => cloud.close());

const attach = (id: string, interfaceAttachment?: object, version = '2.70') =>
  cloud.compute('POST', `/servers/${id}/os-interface`, {
    body: interfaceAttachment === undefined ? {} : { interfaceAttachment },
    version,
  });

async function listed(id: string): Promise<{ port_id: string; port_state: string }[]> {
  return (await cloud.compute('GET', `/servers/${id}/os-interface`)).body.interfaceAttachments;
}

describe('the interfaces of a server', () => {
  it('are attached and detached while it runs: made ones go, named ones stay', async () => {
    const id = await cloud.created({ networks: 'none' });
    const net_id = (await cloud.makeNetwork('10.115.7.0/24')).toUpperCase(); // as some clients write UUIDs
    const made = await attach(id, { net_id, fixed_ips: [{ ip_address: '10.115.7.7' }], tag: 'nic2' });
    assert.equal(made.status, 200, made.text);
    const { interfaceAttachment: shown } = made.body;
    assert.equal(shown.fixed_ips[0].ip_address, '10.115.7.7');
    assert.deepEqual([shown.tag, shown.port_state], ['nic2', 'ACTIVE']);
    const { addresses } = await cloud.shown(id);
    assert.equal(addresses.another![0]!.addr, '10.115.7.7');

    const own = await cloud.makePort(first);
    const named = await attach(id, { port_id: own.id.toUpperCase() }, '2.48');
    assert.equal(named.body.interfaceAttachment.mac_addr, own.mac);
    assert.deepEqual(
      (await listed(id)).map((each) => each.port_id),
      [shown.port_id, own.id],
    );

    for (const port of [shown.port_id, own.id]) {
      const gone = await cloud.compute('DELETE', `/servers/${id}/os-interface/${port}`);
      assert.equal(gone.status, 202, gone.text);
      await cloud.atRest(id);
    }
    assert.deepEqual(await listed(id), []);
    const { ports } = cloud.service.store;
    assert.equal(await ports.find(shown.port_id), undefined);
    assert.equal((await ports.find(own.id))?.deviceId, '');
    const { instanceActions } = (await cloud.compute('GET', `/servers/${id}/os-instance-actions`)).body;
    assert.deepEqual(
      instanceActions.map(({ action }: { action: string }) => action),
      ['detach_interface', 'detach_interface', 'attach_interface', 'attach_interface', 'create'],
    );
    assert.ok(await cloud.service.store.networks.delete(net_id.toLowerCase() as NetworkId));
  });

  it('are taken one after the other when several are detached at once, and the server is stopped after that', async () => {
    const id = await cloud.created({ networks: 'auto' });
    await Promise.all([attach(id), attach(id)]);
    const ports = await listed(id);
    assert.equal(ports.length, 3);
    const detached = ports.map(({ port_id }) =>
      cloud.compute('DELETE', `/servers/${id}/os-interface/${port_id}`),
    );
    for (const { status, text } of await Promise.all(detached)) assert.equal(status, 202, text);
    const stopped = await cloud.compute('POST', `/servers/${id}/action`, { body: { 'os-stop': null } });
    assert.equal(stopped.status, 202, stopped.text);
    await cloud.atRest(id);
    assert.deepEqual(await listed(id), []);
    assert.equal((await cloud.shown(id)).status, 'SHUTOFF');
  });

  it('are on the one network there is when nothing is named', async () => {
    const id = await cloud.created({ networks: 'none' });
    assert.equal((await attach(id)).body.interfaceAttachment.net_id, first);
  });

  it('are refused in Nova’s words', async () => {
    const id = await cloud.created({ networks: 'auto' });
    const [port] = await listed(id);
    const nowhere = randomUUID();
    for (const [body, status, words] of [
      [{ net_id: first, port_id: nowhere }, 400, /Must not input both network_id and port_id/],
      [{ fixed_ips: [{ ip_address: '10.114.0.9' }] }, 400, /Must input network_id when request IP address/],
      [
        { net_id: first, fixed_ips: [{ ip_address: '10.114.7.7' }] },
        403,
        /fixed_ips:ip_address is disallowed by policy: the network belongs to another project/,
      ],
      [{ net_id: nowhere }, 404, /could not be found/],
      [{ port_id: nowhere }, 404, /Port id .* could not be found/],
      [{ port_id: port!.port_id }, 409, /is still in use/],
    ] as const) {
      const refused = await attach(id, body);
      assert.equal(refused.status, status, refused.text);
      assert.match(refused.text, words);
    }
    assert.equal((await listed(id)).length, 1);
    const unknown = await cloud.compute('DELETE', `/servers/${id}/os-interface/${nowhere}`);
    assert.equal(unknown.status, 404);
    await cloud.compute('POST', `/servers/${id}/action`, { body: { pause: null } });
    await cloud.atRest(id);
    assert.equal((await attach(id)).status, 200, 'a paused guest takes one too');
    await cloud.compute('POST', `/servers/${id}/action`, { body: { unpause: null } });
    await cloud.atRest(id);
    await cloud.compute('POST', `/servers/${id}/action`, { body: { suspend: null } });
    await cloud.atRest(id);
    const suspended = await attach(id);
    assert.equal(suspended.status, 409);
    assert.match(suspended.text, /Cannot 'attach_interface' instance .* while it is in vm_state suspended/);
  });
});

describe('security groups and fixed IPs of a server', () => {
  const act = (id: string, body: object, version = '2.1') =>
    cloud.compute('POST', `/servers/${id}/action`, { body, version });

  it('are added to its ports and removed', async () => {
    const id = await cloud.created({ networks: 'auto' });
    const groups = async () =>
      (await cloud.compute('GET', `/servers/${id}/os-security-groups`)).body.security_groups.map(
        ({ name }: { name: string }) => name,
      );
    assert.deepEqual(await groups(), ['default']);
    assert.equal((await act(id, { removeSecurityGroup: { name: 'default' } })).status, 202);
    assert.deepEqual(await groups(), []);
    assert.equal((await act(id, { removeSecurityGroup: { name: 'default' } })).status, 404);
    assert.equal((await act(id, { addSecurityGroup: { name: 'default' } })).status, 202);
    assert.deepEqual((await cloud.shown(id)).security_groups, [{ name: 'default' }]);
    const without = await cloud.created({ networks: 'none' });
    assert.equal((await act(without, { addSecurityGroup: { name: 'default' } })).status, 404);
  });

  it('an address more and one less, below 2.44', async () => {
    const id = await cloud.created({ networks: 'auto' });
    assert.equal((await act(id, { addFixedIp: { networkId: first } })).status, 202);
    const two = (await cloud.shown(id)).addresses.private!.map(({ addr }) => addr);
    assert.equal(two.length, 2);
    assert.equal((await act(id, { removeFixedIp: { address: two[0]! } })).status, 202);
    assert.deepEqual(
      (await cloud.shown(id)).addresses.private!.map(({ addr }) => addr),
      [two[1]],
    );
    for (let count = 1; count < 16; count++)
      assert.equal((await act(id, { addFixedIp: { networkId: first } })).status, 202);
    const tooMany = await act(id, { addFixedIp: { networkId: first } });
    assert.equal(tooMany.status, 400);
    assert.match(tooMany.text, /has 16 fixed IPs, and may have at most 16/);
    const unknown = await act(id, { removeFixedIp: { address: '10.114.200.200' } });
    assert.equal(unknown.status, 400);
    assert.equal((await act(id, { addFixedIp: { networkId: first } }, '2.44')).status, 404);
  });

  it('networks and groups are shown by the proxies below 2.36', async () => {
    const networks = await cloud.compute('GET', '/os-tenant-networks');
    assert.deepEqual(networks.body.networks, [{ id: first, label: 'private', cidr: 'None' }]);
    assert.equal((await cloud.compute('GET', `/os-networks/${first}`)).body.network.label, 'private');
    const [group] = (await cloud.compute('GET', '/os-security-groups')).body.security_groups;
    assert.equal(group.name, 'default');
    assert.equal((await cloud.compute('GET', `/os-security-groups/${group.id}`)).status, 200);
    assert.equal((await cloud.compute('GET', '/os-networks', { version: '2.36' })).status, 404);
  });
});
