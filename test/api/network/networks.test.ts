import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hostReport } from '../compute/compute-under-test.ts';
import { type NetworkUnderTest, refusal, startNetworkApi } from './network-under-test.ts';

let the: NetworkUnderTest;
before(async () => {
  the = await startNetworkApi();
});
after(() => the.close());

test('an administrator makes a shared network that members see without what it is made of', async () => {
  const made = await the.make(the.admin, 'network', { name: 'private', shared: true, mtu: 1450 });
  assert.equal(made['provider:network_type'], 'local');
  const { body } = await the.ask('GET', `/networks/${made.id}`, { token: the.member.token });
  const { network } = body;
  assert.equal(network.name, 'private');
  assert.equal(network.mtu, 1450);
  assert.equal(network['router:external'], false);
  assert.equal(network.tenant_id, network.project_id);
  assert.equal(network.status, 'ACTIVE');
  assert.match(network.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.deepEqual(
    Object.keys(network).filter((key) => key.startsWith('provider:')),
    [],
  );
});

test('flags and numbers are read from the words that clients send for them', async () => {
  const network = await the.make(the.admin, 'network', { shared: 'True', mtu: '1450' });
  assert.equal(network.shared, true);
  assert.equal(network.mtu, 1450);
  const subnet = await the.make(the.admin, 'subnet', {
    network_id: network.id,
    ip_version: '4',
    cidr: '10.30.0.0/24',
    enable_dhcp: 0,
  });
  assert.equal(subnet.ip_version, 4);
  assert.equal(subnet.enable_dhcp, false);
  const answer = await the.ask('POST', '/networks', { token: the.admin, body: { network: { mtu: '9' } } });
  assert.match(
    answer.body.NeutronError.message,
    /Invalid input for mtu. Reason: '9' is not 68 to 65535 bytes/,
  );
});

test('a network that is not shared is there for its project alone', async () => {
  const { id } = await the.make(the.admin, 'network', { project_id: the.member.projectId });
  const show = (token: string) => the.ask('GET', `/networks/${id}`, { token });
  assert.equal((await show(the.member.token)).status, 200);
  assert.equal(refusal(await show(the.stranger.token)), '404 NetworkNotFound');
  const list = await the.ask('GET', '/networks', { token: the.stranger.token });
  assert.ok(!list.body.networks.some((network: { id: string }) => network.id === id));
  for (const [method, path] of [
    ['PUT', `/networks/${id}`],
    ['DELETE', `/networks/${id}`],
  ] as const)
    assert.equal(
      refusal(await the.ask(method, path, { token: the.stranger.token, body: { network: {} } })),
      '404 NetworkNotFound',
    );
});

test('only administrators make networks, and a member may not change a shared one', async () => {
  const { id } = await the.sharedNetwork();
  const { token } = the.member;
  const made = await the.ask('POST', '/networks', { token, body: { network: { name: 'mine' } } });
  assert.equal(refusal(made), '403 PolicyNotAuthorized');
  assert.match(made.body.NeutronError.message, /only administrators make networks here/);
  const changed = await the.ask('PUT', `/networks/${id}`, { token, body: { network: { name: 'mine' } } });
  assert.equal(refusal(changed), '403 PolicyNotAuthorized');
  assert.equal(refusal(await the.ask('DELETE', `/networks/${id}`, { token })), '403 PolicyNotAuthorized');
});

test('a member makes its own network where every host keeps the networks of projects apart', async () => {
  const apart = await startNetworkApi();
  try {
    const { hosts } = apart.api.store;
    const networks = { nat: true, physicalNetworks: [], filters: true } as const;
    await hosts.report({ ...hostReport('c1'), networks: { ...networks, isolates: true } });
    const { token, projectId } = apart.member;
    const network = await apart.make(token, 'network', { name: 'mine', admin_state_up: false });
    assert.equal(network.project_id, projectId);
    assert.equal(network.admin_state_up, false);
    await apart.make(token, 'subnet', { network_id: network.id, ip_version: 4, cidr: '10.1.0.0/24' });
    for (const fields of [
      { shared: true },
      { 'provider:network_type': 'local' },
      { 'provider:physical_network': 'rack' },
    ]) {
      const refused = await apart.ask('POST', '/networks', { token, body: { network: fields } });
      assert.equal(refusal(refused), '403 PolicyNotAuthorized', JSON.stringify(fields));
    }
    const { token: other } = apart.stranger;
    assert.deepEqual((await apart.ask('GET', '/networks', { token: other })).body.networks, []);
    await hosts.report({ ...hostReport('c2'), networks });
    const now = await apart.ask('POST', '/networks', { token, body: { network: {} } });
    assert.match(now.body.NeutronError.message, /only administrators make networks here/);
  } finally {
    await apart.close();
  }
});

test('a bad field is refused with its name, its value and what is accepted', async () => {
  const cases: [fields: object, message: RegExp][] = [
    [{ 'router:external': true }, /router:external.*True is not false: there are no routers/],
    [{ 'provider:network_type': 'vlan' }, /provider:network_type.*'vlan' is not one of \['local', 'flat'\]/],
    [{ 'provider:network_type': 'flat' }, /needs provider:physical_network/],
    [{ 'provider:physical_network': 'rack' }, /'rack' is for flat networks/],
    [{ mtu: 1 }, /Invalid input for mtu. Reason: 1 is not 68 to 65535 bytes/],
    [{ name: 'x'.repeat(256) }, /Invalid input for name. .* is too long/],
    [{ admin_state_up: 'off' }, /admin_state_up. Reason: 'off' is not true or false/],
    [{ frob: 1 }, /^Unrecognized attribute\(s\) 'frob'$/],
    [{ id: 'x' }, /^Attribute 'id' not allowed in POST$/],
    [{ project_id: 'a', tenant_id: 'b' }, /'project_id' and 'tenant_id' do not match/],
  ];
  for (const [network, message] of cases) {
    const { status, body } = await the.ask('POST', '/networks', { token: the.admin, body: { network } });
    assert.equal(status, 400, JSON.stringify(network));
    assert.match(body.NeutronError.message, message);
  }
  const empty = await the.ask('POST', '/networks', { token: the.admin, body: {} });
  assert.equal(empty.body.NeutronError.message, "Unable to find 'network' in request body");
});

test('read-only attributes are refused in an update, and others change with a new revision', async () => {
  const { id, revision_number } = await the.make(the.admin, 'network', { name: 'a' });
  const put = (network: object, headers = {}) =>
    the.ask('PUT', `/networks/${id}`, { token: the.admin, body: { network }, headers });
  const refused = await put({ subnets: [] });
  assert.equal(refused.body.NeutronError.message, 'Cannot update read-only attribute subnets');
  const { body } = await put({ name: 'b', description: 'new' });
  assert.equal(body.network.name, 'b');
  assert.equal(body.network.revision_number, revision_number + 1);
  const stale = await put({ name: 'c' }, { 'if-match': `revision_number=${revision_number}` });
  assert.equal(refusal(stale), '412 RevisionNumberConstraintFailed');
  const current = await put({ name: 'c' }, { 'if-match': `revision_number=${revision_number + 1}` });
  assert.equal(current.body.network.name, 'c');
  const odd = await put({ name: 'd' }, { 'if-match': 'revision_number=x' });
  assert.equal(odd.status, 400);
});

test('a network with ports stays, one without goes with its subnets', async () => {
  const { id, subnetId } = await the.sharedNetwork();
  const port = await the.make(the.member.token, 'port', { network_id: id });
  const token = the.admin;
  assert.equal(refusal(await the.ask('DELETE', `/networks/${id}`, { token })), '409 NetworkInUse');
  const unshared = await the.ask('PUT', `/networks/${id}`, { token, body: { network: { shared: false } } });
  assert.equal(refusal(unshared), '409 InvalidSharedSetting');
  await the.ask('DELETE', `/ports/${port.id}`, { token });
  assert.equal((await the.ask('DELETE', `/networks/${id}`, { token })).status, 204);
  assert.equal(refusal(await the.ask('GET', `/subnets/${subnetId}`, { token })), '404 SubnetNotFound');
});

test('several are made at once or none of them', async () => {
  const token = the.admin;
  const both = await the.ask('POST', '/networks', {
    token,
    body: { networks: [{ name: 'one of two' }, { name: 'two of two' }] },
  });
  assert.deepEqual(
    both.body.networks.map(({ name }: { name: string }) => name),
    ['one of two', 'two of two'],
  );
  const half = await the.ask('POST', '/networks', {
    token,
    body: { networks: [{ name: 'half' }, { name: 'half', 'provider:network_type': 'flat' }] },
  });
  assert.equal(half.status, 400);
  const found = await the.ask('GET', '/networks?name=half', { token });
  assert.deepEqual(found.body.networks, []);
});
