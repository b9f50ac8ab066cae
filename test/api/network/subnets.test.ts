import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type NetworkUnderTest, refusal, startNetworkApi } from './network-under-test.ts';

let the: NetworkUnderTest;
let networkId: string;
before(async () => {
  the = await startNetworkApi();
  networkId = (await the.make(the.admin, 'network', { shared: true })).id;
});
after(() => the.close());

const post = (subnet: object, token = the.admin) =>
  the.ask('POST', '/subnets', {
    token,
    body: { subnet: { network_id: networkId, ip_version: 4, cidr: '10.20.0.0/24', ...subnet } },
  });

test('a subnet has a gateway, DHCP and a pool of all other addresses unless the request says otherwise', async () => {
  const { body } = await post({ cidr: '10.21.0.0/24' });
  assert.equal(body.subnet.gateway_ip, '10.21.0.1');
  assert.equal(body.subnet.enable_dhcp, true);
  assert.deepEqual(body.subnet.allocation_pools, [{ start: '10.21.0.2', end: '10.21.0.254' }]);
  const six = await post({
    ip_version: 6,
    cidr: 'FD00:21::/64',
    gateway_ip: null,
    dns_nameservers: ['fd00::53'],
  });
  assert.equal(six.body.subnet.cidr, 'fd00:21::/64');
  assert.equal(six.body.subnet.gateway_ip, null);
  assert.deepEqual(six.body.subnet.dns_nameservers, ['fd00::53']);
});

test('a bad subnet is refused with the field, its value and what is accepted', async () => {
  const cases: [fields: object, refused: string, message: RegExp][] = [
    [
      { cidr: '10.20.0.5/24' },
      '400 HTTPBadRequest',
      /'10.20.0.5\/24' isn't .* '10.20.0.0\/24' is recommended/,
    ],
    [{ cidr: '10.20.0.0' }, '400 HTTPBadRequest', /'10.20.0.0' is not a valid IP subnet/],
    [{ cidr: '10.20.0.0/33' }, '400 HTTPBadRequest', /is not a valid IP subnet/],
    [{ cidr: '10.20.0.0/31' }, '400 InvalidInput', /incompatible with DHCP service enabled/],
    [{ cidr: '224.0.0.0/24' }, '400 InvalidInput', /Multicast IP subnet 224.0.0.0\/24/],
    [{ cidr: '127.0.0.0/24' }, '400 InvalidInput', /Loopback IP subnet/],
    [{ cidr: '0.0.0.0/0' }, '400 InvalidInput', /0 is not allowed as CIDR prefix length/],
    [{ ip_version: 6 }, '400 InvalidInput', /cidr '10.20.0.0\/24' does not match the ip_version '6'/],
    [{ ip_version: 5 }, '400 HTTPBadRequest', /ip_version. Reason: 5 is not 4 or 6/],
    [
      { gateway_ip: '10.21.0.1' },
      '400 InvalidInput',
      /gateway_ip 10.21.0.1 is not a host's address in 10.20/,
    ],
    [{ gateway_ip: '10.20.0.255' }, '400 InvalidInput', /gateway_ip 10.20.0.255/],
    [{ gateway_ip: 'x' }, '400 InvalidInput', /gateway_ip 'x' is not an IPv4 address/],
    [
      { allocation_pools: [{ start: '10.20.0.1', end: '10.20.0.9' }] },
      '409 GatewayConflictWithAllocationPools',
      /Gateway ip 10.20.0.1 conflicts/,
    ],
    [
      { allocation_pools: [{ start: '10.20.0.9', end: '10.20.0.2' }] },
      '400 InvalidAllocationPool',
      /10.20.0.9-10.20.0.2/,
    ],
    [
      { allocation_pools: [{ start: '10.20.0.9', end: '10.20.1.2' }] },
      '400 OutOfBoundsAllocationPool',
      /beyond the subnet cidr 10.20.0.0\/24/,
    ],
    [
      {
        allocation_pools: [
          { start: '10.20.0.9', end: '10.20.0.20' },
          { start: '10.20.0.20', end: '10.20.0.22' },
        ],
      },
      '409 OverlappingAllocationPools',
      /overlapping/,
    ],
    [{ dns_nameservers: ['ns'] }, '400 InvalidInput', /dns_nameservers 'ns' is not an IPv4 address/],
    [
      { dns_nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4', '1.1.1.5', '1.1.1.6'] },
      '400 HTTPBadRequest',
      /dns_nameservers/,
    ],
    [
      { host_routes: [{ destination: 'x', nexthop: '10.20.0.7' }] },
      '400 InvalidInput',
      /destination 'x' is not an IPv4 subnet/,
    ],
    [
      { ipv6_ra_mode: 'slaac' },
      '400 HTTPBadRequest',
      /ipv6_ra_mode. Reason: 'slaac' is not 'dhcpv6-stateful'/,
    ],
    [
      { ipv6_ra_mode: 'dhcpv6-stateful' },
      '400 InvalidInput',
      /ipv6_ra_mode is not valid when ip_version is 4/,
    ],
    [{ subnetpool_id: 'x' }, '400 HTTPBadRequest', /subnetpool_id/],
    [{ frob: 1 }, '400 HTTPBadRequest', /^Unrecognized attribute\(s\) 'frob'$/],
  ];
  for (const [fields, refused, message] of cases) {
    const answer = await post(fields);
    assert.equal(refusal(answer), refused, JSON.stringify(fields));
    assert.match(answer.body.NeutronError.message, message);
  }
});

test('a subnet that overlaps another of its network is refused', async () => {
  const { id } = (await post({ cidr: '10.22.0.0/16' })).body.subnet;
  const overlapping = await post({ cidr: '10.22.7.0/24' });
  assert.equal(refusal(overlapping), '400 InvalidInput');
  assert.ok(overlapping.body.NeutronError.message.includes(id));
});

test('subnets are made by whom the network belongs to, and seen by whom it is shared with', async () => {
  const { body } = await post({ cidr: '10.23.0.0/24' });
  const { id } = body.subnet;
  assert.equal(refusal(await post({ cidr: '10.24.0.0/24' }, the.member.token)), '403 PolicyNotAuthorized');
  assert.equal((await the.ask('GET', `/subnets/${id}`, { token: the.member.token })).status, 200);
  const hidden = await the.make(the.admin, 'network', {});
  const answer = await post({ network_id: hidden.id, cidr: '10.24.0.0/24' }, the.member.token);
  assert.equal(refusal(answer), '404 NetworkNotFound');
});

test('a subnet is changed in its name, gateway, pools and DNS, but not in its addresses', async () => {
  const { id } = (await post({ cidr: '10.25.0.0/24' })).body.subnet;
  const put = (subnet: object) => the.ask('PUT', `/subnets/${id}`, { token: the.admin, body: { subnet } });
  const { body } = await put({
    name: 'new',
    allocation_pools: [{ start: '10.25.0.100', end: '10.25.0.110' }],
    dns_nameservers: ['10.25.0.5'],
    gateway_ip: '10.25.0.254',
  });
  assert.equal(body.subnet.gateway_ip, '10.25.0.254');
  assert.deepEqual(body.subnet.allocation_pools, [{ start: '10.25.0.100', end: '10.25.0.110' }]);
  const port = await the.make(the.member.token, 'port', {
    network_id: networkId,
    fixed_ips: [{ subnet_id: id }],
  });
  const last = Number(port.fixed_ips[0].ip_address.split('.')[3]);
  assert.ok(last >= 100 && last <= 110, port.fixed_ips[0].ip_address);
  assert.match((await put({ cidr: '10.26.0.0/24' })).body.NeutronError.message, /read-only attribute cidr/);
  assert.equal(refusal(await the.ask('DELETE', `/subnets/${id}`, { token: the.admin })), '409 SubnetInUse');
});

test('hosts serve no DHCP on a flat network, so its subnets have none', async () => {
  const flat = await the.make(the.admin, 'network', {
    'provider:network_type': 'flat',
    'provider:physical_network': 'rack',
  });
  const refused = await post({ network_id: flat.id, enable_dhcp: true });
  assert.match(refused.body.NeutronError.message, /enable_dhcp true is not accepted .* flat network/);
  const { body } = await post({ network_id: flat.id });
  assert.equal(body.subnet.enable_dhcp, false);
  const twice = await the.ask('POST', '/networks', {
    token: the.admin,
    body: { network: { 'provider:network_type': 'flat', 'provider:physical_network': 'rack' } },
  });
  assert.equal(refusal(twice), '409 FlatNetworkInUse');
});
