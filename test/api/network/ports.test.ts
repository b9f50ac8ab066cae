import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type NetworkUnderTest, refusal, startNetworkApi } from './network-under-test.ts';

let the: NetworkUnderTest;
let network: { readonly id: string; readonly subnetId: string };
before(async () => {
  the = await startNetworkApi();
  network = await the.sharedNetwork('10.7.0.0/24');
});
after(() => the.close());

const post = (token: string, port: object) =>
  the.ask('POST', '/ports', { token, body: { port: { network_id: network.id, ...port } } });
const put = (token: string, id: string, port: object) =>
  the.ask('PUT', `/ports/${id}`, { token, body: { port } });

test('a port on a shared network has a MAC, an address and the group default, and gives them back', async () => {
  const port = await the.make(the.member.token, 'port', { network_id: network.id, name: 'web' });
  assert.match(port.mac_address, /^fa:16:3e:/);
  assert.equal(port.fixed_ips.length, 1);
  assert.equal(port.fixed_ips[0].subnet_id, network.subnetId);
  assert.equal(port.project_id, the.member.projectId);
  assert.equal(port.status, 'DOWN');
  const { body } = await the.ask('GET', '/security-groups?name=default', { token: the.member.token });
  assert.deepEqual(port.security_groups, [body.security_groups[0].id]);
  assert.equal((await the.ask('DELETE', `/ports/${port.id}`, { token: the.member.token })).status, 204);
  const again = await post(the.admin, { fixed_ips: port.fixed_ips, mac_address: port.mac_address });
  assert.equal(again.status, 201);
});

test('a port is there for its project and its network, and how it is bound for administrators', async () => {
  const { id } = await the.make(the.member.token, 'port', { network_id: network.id });
  for (const method of ['GET', 'DELETE'] as const)
    assert.equal(
      refusal(await the.ask(method, `/ports/${id}`, { token: the.stranger.token })),
      '404 PortNotFound',
    );
  assert.equal(refusal(await put(the.stranger.token, id, { name: 'x' })), '404 PortNotFound');
  const own = await the.ask('GET', `/ports/${id}`, { token: the.member.token });
  assert.equal(own.body.port['binding:host_id'], undefined);
  const all = await the.ask('GET', `/ports/${id}`, { token: the.admin });
  assert.equal(all.body.port['binding:vif_type'], 'unbound');
});

test('a taken MAC or address is refused with who holds it', async () => {
  const one = await the.make(the.admin, 'port', { network_id: network.id });
  const mac = await post(the.admin, { mac_address: one.mac_address.toUpperCase().replaceAll(':', '-') });
  assert.equal(refusal(mac), '409 MacAddressInUse');
  assert.ok(mac.body.NeutronError.message.includes(one.id));
  const ip = await post(the.admin, { fixed_ips: [{ ip_address: one.fixed_ips[0].ip_address }] });
  assert.equal(refusal(ip), '409 IpAddressInUse');
  assert.ok(ip.body.NeutronError.message.includes(one.id));
});

test('a member chooses neither MAC nor address on the network of another project', async () => {
  const { token } = the.member;
  const refused = [
    await post(token, { mac_address: 'fa:16:3e:00:00:01' }),
    await post(token, { fixed_ips: [{ ip_address: '10.7.0.77' }] }),
    await post(token, { port_security_enabled: false }),
    await post(token, { device_owner: 'network:dhcp' }),
  ];
  for (const answer of refused) {
    assert.equal(refusal(answer), '403 PolicyNotAuthorized');
    assert.match(answer.body.NeutronError.message, /rule:create_port:\S+ is disallowed by policy: the net/);
  }
  const subnet = await post(token, { fixed_ips: [{ subnet_id: network.subnetId }] });
  assert.equal(subnet.status, 201);
  const { id } = subnet.body.port;
  assert.equal(refusal(await put(token, id, { fixed_ips: [] })), '403 PolicyNotAuthorized');
  assert.equal(
    refusal(await put(token, id, { mac_address: 'fa:16:3e:00:00:01' })),
    '403 PolicyNotAuthorized',
  );
  const reader = await post(the.reader.token, {});
  assert.equal(refusal(reader), '403 PolicyNotAuthorized');
});

test('bad fields are refused with their name, their value and what is accepted', async () => {
  const cases: [fields: object, message: RegExp][] = [
    [{ mac_address: '01:00:5e:00:00:01' }, /mac_address. Reason: '01:00:5e:00:00:01' is not a valid MAC/],
    [{ mac_address: 'fe:16:3e:01:02:03' }, /its first byte must not be fe/],
    [{ mac_address: 'fa:16' }, /mac_address. Reason: 'fa:16' is not a valid MAC/],
    [{ fixed_ips: [{ ip_address: '10.7.0.300' }] }, /'10.7.0.300' is not a valid IP address/],
    [{ fixed_ips: [{ ip_address: '10.8.0.3' }] }, /10.8.0.3 is not a valid IP for any of the subnets/],
    [{ fixed_ips: [{ ip_address: '10.7.0.255' }] }, /10.7.0.255 is not a valid IP/],
    [{ fixed_ips: [{ subnet_id: 'x' }] }, /fixed_ips\[0\].subnet_id. Reason: 'x' is not a UUID/],
    [{ fixed_ips: [{}] }, /IP allocation requires subnet_id or ip_address/],
    [
      { fixed_ips: [{ ip_address: '10.7.0.9' }, { ip_address: '10.7.0.9' }] },
      /Duplicate IP address '10.7.0.9'/,
    ],
    [{ 'binding:vnic_type': 'direct' }, /binding:vnic_type. Reason: 'direct' is not 'normal'/],
    [{ 'binding:vif_type': 'ovs' }, /^Attribute 'binding:vif_type' not allowed in POST$/],
    [{ admin_state_up: 'off' }, /^Invalid input for admin_state_up. Reason: 'off' is not true or false/],
    [{ network_id: 1 }, /network_id. Reason: 1 is not a UUID/],
    [{ allowed_address_pairs: [] }, /^Unrecognized attribute\(s\) 'allowed_address_pairs'$/],
    [{ port_security_enabled: false, security_groups: [network.id] }, /Port security must be enabled/],
  ];
  for (const [fields, message] of cases) {
    const { status, body } = await post(the.admin, fields);
    assert.equal(status, 400, JSON.stringify(fields));
    assert.match(body.NeutronError.message, message);
  }
  const none = await the.ask('POST', '/ports', { token: the.admin, body: { port: {} } });
  assert.equal(
    none.body.NeutronError.message,
    "Failed to parse request. Required attribute 'network_id' not specified",
  );
});

test('a port that no server has is switched off and on, and an administrator writes its host', async () => {
  const port = await the.make(the.member.token, 'port', { network_id: network.id, admin_state_up: false });
  assert.equal(port.admin_state_up, false);
  const mine = await put(the.member.token, port.id, { admin_state_up: 'True' });
  assert.equal(mine.body.port.admin_state_up, true);
  assert.equal(
    refusal(await put(the.member.token, port.id, { 'binding:host_id': 'c1' })),
    '403 PolicyNotAuthorized',
  );
  const bound = await put(the.admin, port.id, { 'binding:host_id': 'c1' });
  assert.equal(bound.body.port['binding:host_id'], 'c1');
  const free = await put(the.admin, port.id, { 'binding:host_id': '' });
  assert.equal(free.body.port['binding:vif_type'], 'unbound');
});

test('a port is changed: name, addresses, groups, security', async () => {
  const group = await the.make(the.admin, 'security_group', { name: 'web' });
  const port = await the.make(the.admin, 'port', { network_id: network.id });
  const kept = port.fixed_ips[0].ip_address;
  const { body } = await put(the.admin, port.id, {
    name: 'new',
    fixed_ips: [{ ip_address: kept }, { ip_address: '10.7.0.99' }],
    security_groups: [group.id],
  });
  assert.equal(body.port.name, 'new');
  assert.deepEqual(body.port.fixed_ips.map((ip: { ip_address: string }) => ip.ip_address).sort(), [
    ...[kept, '10.7.0.99'].sort(),
  ]);
  assert.deepEqual(body.port.security_groups, [group.id]);
  assert.equal(
    refusal(await put(the.admin, port.id, { port_security_enabled: false })),
    '409 PortSecurityPortHasSecurityGroup',
  );
  const open = await put(the.admin, port.id, { port_security_enabled: false, security_groups: [] });
  assert.equal(open.body.port.port_security_enabled, false);
  const strange = await the.make(the.stranger.token, 'security_group', { name: 'theirs' });
  const mine = await the.make(the.member.token, 'port', { network_id: network.id });
  assert.equal(
    refusal(await put(the.member.token, mine.id, { security_groups: [strange.id] })),
    '404 SecurityGroupNotFound',
  );
});

test('a port on an exhausted subnet gets its address from the next one, until none is left', async () => {
  const { id } = await the.make(the.admin, 'network', { shared: true });
  for (const cidr of ['10.8.0.0/30', '10.8.0.4/30'])
    await the.make(the.admin, 'subnet', { network_id: id, ip_version: 4, cidr });
  const addresses = new Set<string>();
  for (let made = 0; made < 2; made++) {
    const port = await the.make(the.member.token, 'port', { network_id: id });
    addresses.add(port.fixed_ips[0].ip_address);
  }
  assert.deepEqual([...addresses].sort(), ['10.8.0.2', '10.8.0.6']);
  const third = await post(the.member.token, { network_id: id });
  assert.equal(refusal(third), '409 IpAddressGenerationFailure');
});

test('a port of a network with subnets of both versions has an address of each', async () => {
  const { id } = await the.make(the.admin, 'network', { shared: true });
  await the.make(the.admin, 'subnet', { network_id: id, ip_version: 4, cidr: '10.9.0.0/24' });
  await the.make(the.admin, 'subnet', { network_id: id, ip_version: 6, cidr: 'fd00:9::/64' });
  const port = await the.make(the.member.token, 'port', { network_id: id });
  assert.equal(port.fixed_ips.length, 2);
});

test("a server's port is neither deleted nor given to another device, and no port takes a server's id", async () => {
  const { store } = the.api;
  const { id } = await the.make(the.member.token, 'port', { network_id: network.id });
  const [row] = await store.ports.list({ ids: [id] }, { limit: 1 });
  await store.ports.update(row!, { deviceId: 'a-server', deviceOwner: 'compute:nova', index: 0 });
  const { token } = the.member;
  assert.equal(refusal(await the.ask('DELETE', `/ports/${id}`, { token })), '409 PortInUse');
  assert.equal(refusal(await put(token, id, { device_id: '' })), '409 PortInUse');
  assert.equal(refusal(await put(the.admin, id, { mac_address: 'fa:16:3e:00:00:02' })), '409 PortBound');
  assert.equal((await put(token, id, { name: 'still mine' })).status, 200);
});

test('tags are replaced, added, removed and looked for', async () => {
  const { token } = the.member;
  const { id } = await the.make(token, 'port', { network_id: network.id, tags: ['a'] });
  const tags = (method: 'GET' | 'PUT' | 'DELETE', tail = '', body?: object) =>
    the.ask(method, `/ports/${id}/tags${tail}`, { token, ...(body && { body }) });
  assert.deepEqual((await tags('GET')).body, { tags: ['a'] });
  assert.equal((await tags('PUT', '/b')).status, 201);
  assert.equal((await tags('GET', '/b')).status, 204);
  assert.equal(refusal(await tags('GET', '/c')), '404 TagNotFound');
  assert.deepEqual((await tags('PUT', '', { tags: ['x', 'y'] })).body, { tags: ['x', 'y'] });
  const found = async (query: string) =>
    (await the.ask('GET', `/ports?id=${id}&${query}`, { token })).body.ports.length;
  assert.deepEqual(
    [
      await found('tags=x,y'),
      await found('tags=x,z'),
      await found('tags-any=x,z'),
      await found('not-tags=x,y'),
      await found('not-tags-any=z'),
    ],
    [1, 0, 1, 0, 1],
  );
  assert.equal((await tags('DELETE', '/x')).status, 204);
  assert.equal((await tags('DELETE')).status, 204);
  assert.deepEqual((await tags('GET')).body, { tags: [] });
  const long = await tags('PUT', '', { tags: Array.from({ length: 51 }, (_, at) => String(at)) });
  assert.equal(long.status, 400);
});

test('changes at once are all made, and none of them is lost', async () => {
  const { token } = the.member;
  const { id } = await the.make(token, 'port', { network_id: network.id });
  const added = await Promise.all(
    ['1', '2', '3', '4'].map((tag) => the.ask('PUT', `/ports/${id}/tags/${tag}`, { token })),
  );
  assert.deepEqual(
    added.map(({ status }) => status),
    [201, 201, 201, 201],
  );
  const { body } = await the.ask('GET', `/ports/${id}/tags`, { token });
  assert.deepEqual(body.tags.toSorted(), ['1', '2', '3', '4']);
});
