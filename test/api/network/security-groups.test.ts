import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type NetworkUnderTest, refusal, startNetworkApi } from './network-under-test.ts';

let the: NetworkUnderTest;
before(async () => {
  the = await startNetworkApi();
});
after(() => the.close());

const groups = async (token: string) =>
  (await the.ask('GET', '/security-groups', { token })).body.security_groups;

test("a project has the group default with Neutron's rules from the start, and keeps it", async () => {
  const { token } = the.member;
  const [group, ...others] = await groups(token);
  assert.deepEqual(others, []);
  assert.equal(group.name, 'default');
  const rules = group.security_group_rules.map(
    (rule: { direction: string; ethertype: string; remote_group_id: string | null }) =>
      `${rule.direction} ${rule.ethertype} ${rule.remote_group_id === group.id ? 'its own' : rule.remote_group_id}`,
  );
  assert.deepEqual(rules.sort(), [
    'egress IPv4 null',
    'egress IPv6 null',
    'ingress IPv4 its own',
    'ingress IPv6 its own',
  ]);
  const path = `/security-groups/${group.id}`;
  assert.equal(refusal(await the.ask('DELETE', path, { token })), '409 SecurityGroupCannotRemoveDefault');
  const renamed = await the.ask('PUT', path, { token, body: { security_group: { name: 'x' } } });
  assert.equal(refusal(renamed), '409 SecurityGroupCannotUpdateDefault');
  const second = await the.ask('POST', '/security-groups', {
    token,
    body: { security_group: { name: 'Default' } },
  });
  assert.equal(refusal(second), '409 SecurityGroupDefaultAlreadyExists');
});

test('a group of its own lets all out, and is seen and changed by its project alone', async () => {
  const made = await the.make(the.member.token, 'security_group', { name: 'web', description: 'd' });
  assert.equal(made.stateful, true);
  assert.deepEqual(
    made.security_group_rules.map((rule: { direction: string }) => rule.direction),
    ['egress', 'egress'],
  );
  const path = `/security-groups/${made.id}`;
  for (const method of ['GET', 'PUT', 'DELETE'] as const)
    assert.equal(
      refusal(await the.ask(method, path, { token: the.stranger.token, body: { security_group: {} } })),
      '404 SecurityGroupNotFound',
    );
  const { token } = the.member;
  const { body } = await the.ask('PUT', path, { token, body: { security_group: { name: 'www' } } });
  assert.equal(body.security_group.name, 'www');
  assert.equal((await the.ask('DELETE', path, { token })).status, 204);
});

test('a group that a port uses stays', async () => {
  const network = await the.sharedNetwork();
  const { token } = the.member;
  const { id } = await the.make(token, 'security_group', { name: 'used' });
  await the.make(token, 'port', { network_id: network.id, security_groups: [id] });
  assert.equal(
    refusal(await the.ask('DELETE', `/security-groups/${id}`, { token })),
    '409 SecurityGroupInUse',
  );
});

test('rules are made in the form in which Neutron shows them, one of a kind', async () => {
  const { token } = the.member;
  const { id } = await the.make(token, 'security_group', { name: 'rules' });
  const rule = { security_group_id: id, direction: 'ingress' };
  const ssh = await the.make(token, 'security_group_rule', {
    ...rule,
    protocol: 'TCP',
    port_range_min: '22',
    port_range_max: 22,
    remote_ip_prefix: '192.0.2.7',
  });
  assert.equal(ssh.protocol, 'tcp');
  assert.equal(ssh.port_range_min, 22);
  assert.equal(ssh.remote_ip_prefix, '192.0.2.7/32');
  assert.equal(ssh.ethertype, 'IPv4');
  const ping = await the.make(token, 'security_group_rule', {
    ...rule,
    ethertype: 'ipv6',
    protocol: 'icmp',
    port_range_min: 128,
  });
  assert.equal(ping.protocol, 'ipv6-icmp');
  const again = await the.ask('POST', '/security-group-rules', {
    token,
    body: {
      security_group_rule: { ...rule, ethertype: 'IPv6', protocol: 'ipv6-icmp', port_range_min: 128 },
    },
  });
  assert.equal(refusal(again), '409 SecurityGroupRuleExists');
  assert.ok(again.body.NeutronError.message.includes(ping.id));
  const path = `/security-group-rules/${ssh.id}`;
  assert.equal(
    refusal(await the.ask('DELETE', path, { token: the.stranger.token })),
    '404 SecurityGroupRuleNotFound',
  );
  assert.equal((await the.ask('DELETE', path, { token })).status, 204);
  assert.equal(refusal(await the.ask('GET', path, { token })), '404 SecurityGroupRuleNotFound');
  const list = await the.ask('GET', `/security-group-rules?security_group_id=${id}&direction=ingress`, {
    token,
  });
  assert.deepEqual(
    list.body.security_group_rules.map((each: { id: string }) => each.id),
    [ping.id],
  );
});

test('a rule that means nothing is refused with a sentence', async () => {
  const { token } = the.member;
  const { id } = await the.make(token, 'security_group', { name: 'refused' });
  const theirs = await the.make(the.stranger.token, 'security_group', { name: 'theirs' });
  const cases: [fields: object, refused: string][] = [
    [{ port_range_min: 1, port_range_max: 2 }, '400 SecurityGroupProtocolRequiredWithPorts'],
    [{ protocol: 'tcp', port_range_min: 2, port_range_max: 1 }, '400 SecurityGroupInvalidPortRange'],
    [{ protocol: 'tcp', port_range_min: 2 }, '400 SecurityGroupInvalidPortRange'],
    [{ protocol: 'tcp', port_range_min: 0, port_range_max: 0 }, '400 SecurityGroupInvalidPortValue'],
    [{ protocol: 'tcp', port_range_min: 1, port_range_max: 65_536 }, '400 SecurityGroupInvalidPortValue'],
    [{ protocol: 'tcp', port_range_min: '-16', port_range_max: 80 }, '400 SecurityGroupInvalidPortValue'],
    [{ remote_group_id: 'no-uuid' }, '404 SecurityGroupNotFound'],
    [{ protocol: 'icmp', port_range_min: 256 }, '400 SecurityGroupInvalidIcmpValue'],
    [{ protocol: 'icmp', port_range_max: 0 }, '400 SecurityGroupMissingIcmpType'],
    [{ protocol: 'esp', port_range_min: 1, port_range_max: 2 }, '400 SecurityGroupInvalidProtocolForPort'],
    [{ protocol: 'frob' }, '400 SecurityGroupRuleInvalidProtocol'],
    [{ protocol: '99' }, '400 SecurityGroupRuleInvalidProtocol'],
    [{ protocol: 'ipv6-icmp' }, '400 SecurityGroupEthertypeConflictWithProtocol'],
    [{ ethertype: 'IPv6', remote_ip_prefix: '10.0.0.0/8' }, '400 SecurityGroupRuleParameterConflict'],
    [{ remote_ip_prefix: 'x' }, '400 InvalidCIDR'],
    [{ remote_ip_prefix: '10.0.0.0/8', remote_group_id: id }, '400 SecurityGroupMultipleRemoteEntites'],
    [{ ethertype: 'IPX' }, '400 HTTPBadRequest'],
    [{ direction: 'up' }, '400 HTTPBadRequest'],
    [{ remote_group_id: theirs.id }, '404 SecurityGroupNotFound'],
    [{ security_group_id: theirs.id }, '404 SecurityGroupNotFound'],
    [{ remote_address_group_id: id }, '400 HTTPBadRequest'],
  ];
  for (const [fields, refused] of cases) {
    const security_group_rule = { security_group_id: id, direction: 'ingress', ...fields };
    const answer = await the.ask('POST', '/security-group-rules', { token, body: { security_group_rule } });
    assert.equal(refusal(answer), refused, JSON.stringify(fields));
  }
});
