import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hostReport } from '../compute/compute-under-test.ts';
import { type NetworkUnderTest, refusal, startNetworkApi } from './network-under-test.ts';

let the: NetworkUnderTest;
before(async () => {
  the = await startNetworkApi();
});
after(() => the.close());

test('quotas are shown to their project, set by administrators, and kept', async () => {
  const { token, projectId } = the.member;
  const path = `/quotas/${projectId}`;
  const shown = await the.ask('GET', path, { token });
  assert.equal(shown.body.quota.port, 500);
  assert.equal(refusal(await the.ask('GET', path, { token: the.stranger.token })), '403 PolicyNotAuthorized');
  const put = (quota: object, by = the.admin) => the.ask('PUT', path, { token: by, body: { quota } });
  assert.equal(refusal(await put({ port: 1 }, token)), '403 PolicyNotAuthorized');
  assert.equal((await put({ port: 1, security_group: 2 })).body.quota.port, 1);
  const network = await the.sharedNetwork();
  await the.make(token, 'port', { network_id: network.id });
  const second = await the.ask('POST', '/ports', { token, body: { port: { network_id: network.id } } });
  assert.equal(refusal(second), '409 OverQuota');
  assert.match(second.body.NeutronError.message, /^Quota exceeded for resources: \['port'\]/);
  const below = await put({ port: 0 });
  assert.equal(below.status, 400);
  assert.match(below.body.NeutronError.message, /Quota limit 0 for port must be .* already used 1/);
  assert.equal((await put({ port: 0, force: true })).status, 200);
  const details = await the.ask('GET', `${path}/details`, { token });
  assert.deepEqual(details.body.quota.port, { limit: 0, used: 1, reserved: 0 });
  assert.match((await put({ port: -2 })).body.NeutronError.message, /port. Reason: -2 is not -1/);
  assert.match((await put({ frob: 1 })).body.NeutronError.message, /Unrecognized attribute\(s\) 'frob'/);
  const { body } = await the.ask('GET', '/quotas.json?fields=port&fields=tenant_id', { token: the.admin });
  assert.deepEqual(body.quotas, [{ port: 0, tenant_id: projectId }]);
  const usual = await the.ask('GET', `${path}/default`, { token });
  assert.equal(usual.body.quota.port, 500);
});

test("the quotas of the Compute and the Network API are given back apart from each other's", async () => {
  const { projectId } = the.stranger;
  const compute = `/compute/v2.1/os-quota-sets/${projectId}`;
  const ask = (method: 'GET' | 'PUT' | 'DELETE', url: string, payload?: object) =>
    the.api.ask(the.admin, { method, url, ...(payload && { payload }) });
  const network = `/networking/v2.0/quotas/${projectId}`;
  await ask('PUT', compute, { quota_set: { instances: 77 } });
  await ask('PUT', network, { quota: { port: 77 } });
  assert.equal((await ask('DELETE', network)).statusCode, 204);
  assert.equal((await ask('GET', compute)).json().quota_set.instances, 77);
  assert.equal((await ask('GET', network)).json().quota.port, 500);
  await ask('PUT', network, { quota: { port: 78 } });
  assert.equal((await ask('DELETE', compute)).statusCode, 202);
  assert.equal((await ask('GET', network)).json().quota.port, 78);
});

test('the list of extensions names what is there', async () => {
  const { token } = the.reader;
  const { body } = await the.ask('GET', '/extensions', { token });
  const aliases: string[] = body.extensions.map(({ alias }: { alias: string }) => alias);
  for (const alias of ['security-group', 'port-security', 'standard-attr-tag', 'quotas', 'provider'])
    assert.ok(aliases.includes(alias), alias);
  for (const alias of ['router', 'allowed-address-pairs', 'trunk', 'qos', 'dns-integration'])
    assert.ok(!aliases.includes(alias), alias);
  assert.equal((await the.ask('GET', '/extensions/quotas', { token })).body.extension.alias, 'quotas');
  assert.equal((await the.ask('GET', '/extensions/router', { token })).status, 404);
});

test('what is not built is an empty list, a 404 of its own name and a 501', async () => {
  const { token } = the.member;
  for (const [path, collection, type] of [
    ['/routers', 'routers', 'RouterNotFound'],
    ['/floatingips', 'floatingips', 'FloatingIPNotFound'],
    ['/subnetpools', 'subnetpools', 'SubnetPoolNotFound'],
    ['/address-scopes', 'address_scopes', 'AddressScopeNotFound'],
    ['/rbac-policies', 'rbac_policies', 'RbacPolicyNotFound'],
  ] as const) {
    assert.deepEqual((await the.ask('GET', `${path}?name=x`, { token })).body, { [collection]: [] });
    assert.equal(refusal(await the.ask('GET', `${path}/x`, { token })), `404 ${type}`);
    assert.equal(refusal(await the.ask('POST', path, { token, body: {} })), '501 HTTPNotImplemented');
  }
});

test('hosts are shown as agents to administrators, and their zones to everybody', async () => {
  const { store } = the.api;
  const host = await store.hosts.report(hostReport('c1'));
  const { body } = await the.ask('GET', '/agents?host=c1', { token: the.admin });
  assert.equal(body.agents[0].alive, true);
  const one = await the.ask('GET', `/agents/${host.serviceId}`, { token: the.admin });
  assert.equal(one.body.agent.host, 'c1');
  assert.equal(refusal(await the.ask('GET', '/agents/x', { token: the.admin })), '404 AgentNotFound');
  const { token } = the.member;
  assert.deepEqual((await the.ask('GET', '/agents', { token })).body, { agents: [] });
  assert.equal(refusal(await the.ask('GET', `/agents/${host.serviceId}`, { token })), '404 AgentNotFound');
  const zones = await the.ask('GET', '/availability_zones', { token: the.member.token });
  assert.deepEqual(zones.body.availability_zones, [
    { name: 'nova', resource: 'network', state: 'available' },
  ]);
});
