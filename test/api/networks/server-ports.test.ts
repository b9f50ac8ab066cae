import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { ProjectId } from '../../../src/model/ids.ts';
import type { NetworkId } from '../../../src/model/network/network-ids.ts';
import { type CloudWithNetworks, startCloudWithNetworks } from './cloud-with-networks.ts';

let cloud: CloudWithNetworks;
/** The network that the first start made. */
let first: NetworkId;
before(async () => {
  cloud = await startCloudWithNetworks();
  const [network] = await cloud.service.store.networks.list({}, { limit: 2 });
  first = network!.id;
});
after(() => cloud.close());

async function portsOf(id: string) {
  return (await cloud.service.store.ports.ofServers([id])).get(id) ?? [];
}

async function portCount(): Promise<number> {
  return cloud.service.store.ports.count(cloud.member.projectId as ProjectId);
}

describe('a server without a word about networks', () => {
  it('gets a port on the one network there is, with an address that it keeps', async () => {
    for (const [networks, version] of [
      [{ networks: 'auto' }, '2.79'],
      [{}, '2.36'],
      [{ networks: [] }, '2.79'],
    ] as const) {
      const id = await cloud.created(networks, version);
      const server = await cloud.shown(id);
      assert.equal(server.status, 'ACTIVE');
      const [address, ...more] = server.addresses.private!;
      assert.deepEqual(more, []);
      assert.match(address!.addr, /^10\.114\./);
      assert.match(address!['OS-EXT-IPS-MAC:mac_addr']!, /^fa:16:3e:/);
      assert.deepEqual(server.security_groups, [{ name: 'default' }]);
      assert.equal(server.config_drive, 'True');
      const ips = await cloud.compute('GET', `/servers/${id}/ips`);
      assert.deepEqual(ips.body, { addresses: { private: [{ version: 4, addr: address!.addr }] } });
      const one = await cloud.compute('GET', `/servers/${id}/ips/private`);
      assert.deepEqual(one.body, { private: [{ version: 4, addr: address!.addr }] });
    }
  });

  it('is refused while two networks could be meant, and may name one of them', async () => {
    const another = await cloud.makeNetwork('192.0.2.0/29');
    for (const [networks, version] of [
      [{ networks: 'auto' }, '2.79'],
      [{}, '2.36'],
    ] as const) {
      const refused = await cloud.create(networks, { version });
      assert.equal(refused.status, 409);
      assert.match(refused.text, /Multiple possible networks found, use a Network ID to be more specific/);
    }
    const id = await cloud.created({ networks: [{ uuid: another }, { uuid: first }] });
    const { addresses } = await cloud.shown(id);
    assert.deepEqual(Object.keys(addresses), ['another', 'private'], 'in the order asked for');
    await cloud.service.store.networks.update((await cloud.service.store.networks.find(another))!, {
      name: 'renamed',
    });
    assert.deepEqual(Object.keys((await cloud.shown(id)).addresses), ['renamed', 'private']);
    await cloud.compute('DELETE', `/servers/${id}`);
    await cloud.atRest(id);
    assert.ok(await cloud.service.store.networks.delete(another));
  });

  it('is made on no network where the word is none, without a config drive', async () => {
    const id = await cloud.created({ networks: 'none' });
    const server = await cloud.shown(id);
    assert.deepEqual(server.addresses, {});
    assert.equal('security_groups' in server, false);
    assert.equal(server.config_drive, '');
    assert.deepEqual(await portsOf(id), []);
  });

  it('has no config drive where its request says so', async () => {
    const id = await cloud.created({ networks: 'auto', config_drive: false });
    assert.equal((await cloud.shown(id)).config_drive, '');
  });

  it('hides its addresses while it is built, as Nova does', async () => {
    const answer = await cloud.create({ networks: 'auto' });
    const { id } = answer.body.server;
    const { store } = cloud.service;
    await cloud.atRest(id);
    const server = (await store.servers.find(id))!;
    await store.servers.update(server, { vmState: 'building', updatedAt: server.updatedAt });
    assert.deepEqual((await cloud.shown(id)).addresses, {});
  });
});

describe('a server on networks that its request names', () => {
  it('takes a port that is there, keeps its address, and leaves it when it is deleted', async () => {
    const port = await cloud.makePort(first);
    const id = await cloud.created({ networks: [{ port: port.id, tag: 'nic1' }] });
    const { addresses } = await cloud.shown(id);
    assert.equal(addresses.private![0]!.addr, port.fixedIps[0]!.address);
    assert.equal(addresses.private![0]!['OS-EXT-IPS-MAC:mac_addr'], port.mac);
    const shown = await cloud.compute('GET', `/servers/${id}/os-interface/${port.id}`, { version: '2.70' });
    assert.deepEqual(shown.body.interfaceAttachment, {
      net_id: first,
      port_id: port.id,
      mac_addr: port.mac,
      port_state: 'ACTIVE',
      fixed_ips: [{ subnet_id: port.fixedIps[0]!.subnetId, ip_address: port.fixedIps[0]!.address }],
      tag: 'nic1',
    });
    const used = await cloud.create({ networks: [{ port: port.id }] });
    assert.equal(used.status, 409);
    assert.match(used.text, new RegExp(`Port ${port.id} is still in use.`));
    await cloud.compute('DELETE', `/servers/${id}`);
    await cloud.atRest(id);
    const left = await cloud.service.store.ports.find(port.id);
    assert.deepEqual(left?.fixedIps, port.fixedIps);
    assert.deepEqual([left?.deviceId, left?.deviceOwner, left?.host, left?.status], ['', '', null, 'DOWN']);
    await cloud.service.store.ports.delete(port.id);
  });

  it('gives back ports that compute made when it is deleted', async () => {
    const before = await portCount();
    const id = await cloud.created({ networks: 'auto' });
    const [port] = await portsOf(id);
    assert.deepEqual([port?.host, port?.status], ['cmp1', 'ACTIVE']);
    assert.equal(port?.deviceOwner, 'compute:nova');
    await cloud.compute('DELETE', `/servers/${id}`);
    await cloud.atRest(id);
    assert.equal(await cloud.service.store.ports.find(port!.id), undefined);
    assert.equal(await portCount(), before);
  });

  it('gets the fixed IP that is named, which nobody else can have meanwhile', async () => {
    const uuid = await cloud.makeNetwork('10.115.3.0/24');
    const id = await cloud.created({ networks: [{ uuid, fixed_ip: '10.115.3.7' }] });
    assert.equal((await cloud.shown(id)).addresses.another![0]!.addr, '10.115.3.7');
    const taken = await cloud.create({ networks: [{ uuid, fixed_ip: '10.115.3.7' }] });
    assert.equal(taken.status, 400);
    assert.match(
      taken.text,
      new RegExp(`Fixed IP address 10\\.115\\.3\\.7 is already in use on instance ${id}`),
    );
    const outside = await cloud.create({ networks: [{ uuid, fixed_ip: '192.0.2.1' }] });
    assert.equal(outside.status, 400);
    assert.match(outside.text, /192\.0\.2\.1 is not a valid IP for the specified network/);
    await cloud.remove(id);
    assert.ok(await cloud.service.store.networks.delete(uuid));
  });

  it('chooses an address on a network of another project only for an administrator', async () => {
    const id = await cloud.created({ networks: 'auto' });
    const address = (await portsOf(id))[0]!.fixedIps[0]!.address;
    const { token } = cloud.stranger;
    for (const fixed_ip of ['10.114.3.8', address]) {
      const refused = await cloud.create({ networks: [{ uuid: first, fixed_ip }] }, { token });
      assert.equal(refused.status, 403, refused.text);
      assert.match(refused.text, /create_port:fixed_ips:ip_address is disallowed by policy/);
      assert.ok(!refused.text.includes(id), 'a stranger learns no id of a server');
    }
    const networks = [{ uuid: first, fixed_ip: address }];
    const taken = await cloud.create({ networks }, { token: cloud.admin });
    assert.equal(taken.status, 400);
    assert.match(taken.text, new RegExp(`already in use on instance ${id}`));
    await cloud.remove(id);
  });

  it('is refused with nothing made, in Nova’s words, when what it names cannot be used', async () => {
    const nowhere = randomUUID();
    const foreign = await cloud.makePort(first, { projectId: cloud.stranger.projectId as ProjectId });
    const hidden = await cloud.makeNetwork('192.0.2.8/29', {
      projectId: cloud.stranger.projectId as ProjectId,
      name: 'hidden',
    });
    const empty = await cloud.service.store.ports.count(cloud.member.projectId as ProjectId);
    const servers = (await cloud.compute('GET', '/servers')).body.servers.length;
    const cases: readonly (readonly [networks: unknown, status: number, words: RegExp])[] = [
      [[{ uuid: nowhere }], 400, new RegExp(`Network ${nowhere} could not be found.`)],
      [[{ uuid: hidden }], 400, new RegExp(`Network ${hidden} could not be found.`)],
      [[{ port: nowhere }], 400, new RegExp(`Port id ${nowhere} could not be found.`)],
      [[{ uuid: first }, { port: nowhere }], 400, /could not be found/],
      [[{ port: foreign.id }], 400, new RegExp(`Port ${foreign.id} not usable for instance`)],
      [[{ port: nowhere }, { port: nowhere }], 400, /was specified twice/],
      [[{ port: nowhere, fixed_ip: '10.114.0.9' }], 400, /cannot be used with port/],
      [[{}], 400, /Bad network format: missing 'uuid'/],
      [[{ uuid: first, fixed_ip: 'ten' }], 400, /Invalid input for field\/attribute/],
      [[{ uuid: first, tag: 'a,b' }], 400, /Invalid input for field\/attribute/],
    ];
    for (const [networks, status, words] of cases) {
      const refused = await cloud.create({ networks });
      assert.equal(refused.status, status, refused.text);
      assert.match(refused.text, words);
    }
    const several = await cloud.create({ networks: [{ port: foreign.id }], min_count: 2 });
    assert.match(several.text, /Failed to launch instances: Unable to launch multiple instances/);
    const sameIp = await cloud.create({ networks: [{ uuid: first, fixed_ip: '10.114.0.9' }], max_count: 2 });
    assert.match(sameIp.text, /max_count cannot be greater than 1 if an fixed_ip is specified/);
    assert.equal(await cloud.service.store.ports.count(cloud.member.projectId as ProjectId), empty);
    assert.equal((await cloud.compute('GET', '/servers')).body.servers.length, servers);
    await cloud.service.store.networks.delete(hidden);
  });

  it('does not know tags between 2.37 and 2.41, nor a word for networks below 2.37', async () => {
    for (const [networks, version] of [
      [[{ uuid: first, tag: 'nic' }], '2.37'],
      [[{ uuid: first, tag: 'nic' }], '2.31'],
      ['auto', '2.36'],
    ] as const)
      assert.equal((await cloud.create({ networks }, { version })).status, 400, version);
    const id = await cloud.created({ networks: [{ uuid: first, tag: 'nic' }] }, '2.32');
    assert.equal((await portsOf(id))[0]?.deviceTag, 'nic');
  });

  it('is made with several others at once, each with a port of its own, or none of them', async () => {
    const answer = await cloud.create({ networks: 'auto', min_count: 3, return_reservation_id: true });
    assert.equal(answer.status, 202, answer.text);
    const path = `/servers/detail?reservation_id=${answer.body.reservation_id}`;
    const { servers } = (await cloud.compute('GET', path)).body;
    for (const { id } of servers) await cloud.atRest(id);
    const made = (await cloud.compute('GET', path)).body.servers;
    const addresses = made.map((server: { addresses: { private: { addr: string }[] } }) =>
      server.addresses.private.map(({ addr }) => addr),
    );
    assert.equal(new Set(addresses.flat()).size, 3);
    const small = await cloud.makeNetwork('192.0.2.16/29');
    const before = await portCount();
    const refused = await cloud.create({ networks: [{ uuid: small }], min_count: 6 });
    assert.equal(refused.status, 409, refused.text);
    assert.match(refused.text, /No more IP addresses available|No fixed IP addresses available/);
    assert.equal(await portCount(), before);
    await cloud.service.store.networks.delete(small);
  });

  it('has an address of each IP version, of any subnet of the network that has one left', async () => {
    const network = await cloud.makeNetwork('192.0.2.32/29'); // each has five
    for (const cidr of ['198.51.100.0/29', '2001:db8:a::/64', '2001:db8:b::/64'])
      await cloud.makeSubnet(network, cidr);
    const ask = { networks: [{ uuid: network }], min_count: 10, return_reservation_id: true };
    const answer = await cloud.create(ask);
    assert.equal(answer.status, 202, answer.text);
    const path = `/servers/detail?reservation_id=${answer.body.reservation_id}`;
    const { servers } = (await cloud.compute('GET', path)).body;
    for (const { id } of servers) await cloud.atRest(id);
    const made = (await cloud.compute('GET', path)).body.servers;
    const addresses = made.map((server: { addresses: { another: { addr: string }[] } }) =>
      server.addresses.another.map(({ addr }) => addr),
    );
    for (const each of addresses) assert.equal(each.length, 2);
    assert.equal(new Set(addresses.flat()).size, 20);
    assert.equal((await cloud.create({ networks: [{ uuid: network }] })).status, 409);
    for (const { id } of servers) await cloud.compute('DELETE', `/servers/${id}`);
    for (const { id } of servers) await cloud.atRest(id);
    await cloud.service.store.networks.delete(network);
  });
});

describe('the quota of ports', () => {
  it('bounds what creates may claim', async () => {
    const { store } = cloud.service;
    const project = cloud.member.projectId as ProjectId;
    const limits = await store.quotas.of(project);
    await store.quotas.set(project, { ...limits, port: (await portCount()) + 1 });
    try {
      const many = await cloud.create({ networks: 'auto', min_count: 2 });
      assert.equal(many.status, 403, many.text);
      assert.match(many.text, /Maximum number of ports exceeded/);
      const two = await cloud.create({ networks: [{ uuid: first }, { uuid: first }] });
      assert.equal(two.status, 403, two.text);
      const answer = await cloud.create({
        networks: 'auto',
        min_count: 1,
        max_count: 5,
        return_reservation_id: true,
      });
      const path = `/servers?reservation_id=${answer.body.reservation_id}`;
      const { servers } = (await cloud.compute('GET', path)).body;
      assert.equal(servers.length, 1, 'as many as there are ports for');
      for (const { id } of servers) await cloud.atRest(id);
    } finally {
      await store.quotas.reset(project, ['port']);
    }
  });
});

describe('lists of servers', () => {
  it('are narrowed by the pattern of an address, and show each its own', async () => {
    const uuid = await cloud.makeNetwork('10.114.9.0/24');
    const id = await cloud.created({ networks: [{ uuid, fixed_ip: '10.114.9.9' }] });
    for (const pattern of ['10.114.9.9', '10\\.114\\.9', '^10.114.9.9$', '114.9']) {
      const path = `/servers/detail?ip=${encodeURIComponent(pattern)}`;
      const { servers } = (await cloud.compute('GET', path)).body;
      assert.deepEqual(
        servers.map((server: { id: string }) => server.id),
        [id],
        pattern,
      );
      assert.equal(servers[0].addresses.another[0].addr, '10.114.9.9');
    }
    const none = await cloud.compute('GET', '/servers?ip6=10.114', { version: '2.79' });
    assert.deepEqual(none.body.servers, []);
    const either = await cloud.compute('GET', '/servers?ip=10.114.9.9&ip6=fd00', { version: '2.79' });
    assert.equal(either.body.servers.length, 1);
    const long = await cloud.compute('GET', `/servers?ip=${'1'.repeat(300)}`);
    assert.equal(long.status, 400);
  });
});
