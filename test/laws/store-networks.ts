import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import type { HostName } from '../../src/model/ids.ts';
import type { NetworkId, PortId, SecurityGroupId, SubnetId } from '../../src/model/network/network-ids.ts';
import type { Port } from '../../src/model/network/port.ts';
import type { PortFilter } from '../../src/store/promise/networks.ts';
import {
  networkWithSubnet,
  sampleGroup,
  sampleNetwork,
  samplePort,
  sampleRule,
  sampleSubnet,
  someProject,
} from './sample-network.ts';
import type { TheStore } from './store.ts';

const ALL = { limit: 100 };
const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);
const sorted = (rows: readonly { readonly id: string }[]) => ids(rows).toSorted();

/** Networks, subnets, ports and security groups: rows, lists, and what may not be deleted. */
export function storeNetworkLaws(the: TheStore): void {
  networkRows(the);
  subnetRows(the);
  portRows(the);
  portLists(the);
  groupRows(the);
}

function networkRows(the: TheStore): void {
  it('gives back a network as it was written, and as it was changed', async () => {
    const { networks } = the().store;
    const network = sampleNetwork({
      projectId: someProject(),
      name: 'a "quoted" <name>\n🦉',
      physicalNetwork: randomUUID(),
      kind: 'flat',
      tags: ['b', 'a'],
      dnsDomain: 'example.org.',
    });
    await networks.insert(network);
    assert.deepEqual(await networks.find(network.id), network);
    const written = await networks.update(network, { shared: true, tags: [], updatedAt: 9 });
    assert.deepEqual(written, { ...network, generation: 2, shared: true, tags: [], updatedAt: 9 });
    assert.deepEqual(await networks.find(network.id), written);
    await assert.rejects(networks.update(network, { name: 'late' }), { kind: 'conflict' });
    const nobody = { id: randomUUID() as NetworkId, generation: 1 };
    await assert.rejects(networks.update(nobody, {}), { kind: 'not-found' });
    await assert.rejects(networks.insert(network), { kind: 'conflict', message: /already exists/ });
  });

  it('gives a physical network to one flat network', async () => {
    const { networks } = the().store;
    const flat = () => sampleNetwork({ kind: 'flat', physicalNetwork: 'datacentre' });
    await networks.insert(flat());
    const words = { kind: 'conflict', message: /Physical network datacentre is in use/ };
    await assert.rejects(networks.insert(flat()), words);
    const other = sampleNetwork();
    await networks.insert(other);
    await assert.rejects(networks.update(other, { physicalNetwork: 'datacentre' }), words);
  });

  it('lists networks by what a project sees, by names, tags and flags, sorted and in pages', async () => {
    const { networks } = the().store;
    const [mine, yours] = [someProject(), someProject()];
    const tag = randomUUID();
    const own = sampleNetwork({ projectId: mine, name: 'a', tags: [tag, 'x'] });
    const shared = sampleNetwork({ projectId: yours, name: 'b', shared: true, tags: [tag] });
    const hidden = sampleNetwork({ projectId: yours, name: 'c', adminStateUp: false, tags: [tag, 'y'] });
    for (const network of [own, shared, hidden]) await networks.insert(network);
    const listed = async (filter: Parameters<typeof networks.list>[0]) =>
      sorted(await networks.list({ tags: [tag], ...filter }, ALL));
    assert.deepEqual(await listed({}), sorted([own, shared, hidden]));
    assert.deepEqual(await listed({ visibleTo: mine }), sorted([own, shared]));
    assert.deepEqual(await listed({ projectIds: [yours] }), sorted([shared, hidden]));
    assert.deepEqual(await listed({ names: ['a', 'c'] }), sorted([own, hidden]));
    assert.deepEqual(await listed({ ids: [own.id] }), [own.id]);
    assert.deepEqual(await listed({ ids: [] }), []);
    assert.deepEqual(await listed({ shared: true }), [shared.id]);
    assert.deepEqual(await listed({ adminStateUp: false }), [hidden.id]);
    assert.deepEqual(await listed({ tags: [tag, 'x'] }), [own.id]);
    assert.deepEqual(await listed({ tagsAny: ['x', 'y'] }), sorted([own, hidden]));
    assert.deepEqual(await listed({ notTags: [tag, 'x'] }), sorted([shared, hidden]));
    assert.deepEqual(await listed({ notTagsAny: ['x', 'y'] }), [shared.id]);
    const sort = [{ key: 'name', direction: 'desc' }] as const;
    const first = await networks.list({ tags: [tag] }, { limit: 2, sort });
    assert.deepEqual(ids(first), [hidden.id, shared.id]);
    const rest = await networks.list({ tags: [tag] }, { limit: 2, sort, marker: shared.id });
    assert.deepEqual(ids(rest), [own.id]);
    const badKey = networks.list({}, { limit: 1, sort: [{ key: 'body', direction: 'asc' }] });
    await assert.rejects(badKey, { kind: 'invalid' });
    await assert.rejects(networks.list({}, { limit: 1, marker: randomUUID() }), { kind: 'invalid' });
  });

  it('deletes a network with its subnets, and not while a port is on it', async () => {
    const { store } = the();
    const { network, subnet } = await networkWithSubnet(store);
    const port = await store.ports.insert(samplePort(network));
    await assert.rejects(store.networks.delete(network.id), {
      kind: 'conflict',
      message: new RegExp(`network ${network.id}.*port ${port.id}`),
    });
    await store.ports.delete(port.id);
    assert.equal(await store.networks.delete(network.id), true);
    assert.equal(await store.networks.delete(network.id), false);
    assert.equal(await store.networks.find(network.id), undefined);
    assert.equal(await store.subnets.find(subnet.id), undefined);
  });
}

function subnetRows(the: TheStore): void {
  it('gives back a subnet as it was written, and as it was changed', async () => {
    const { store } = the();
    const { subnet } = await networkWithSubnet(store, {
      dnsNameservers: ['10.0.0.2'],
      hostRoutes: [{ destination: '10.1.0.0/16', nexthop: '10.0.0.3' }],
      tags: ['t'],
      gatewayIp: null,
    });
    assert.deepEqual(await store.subnets.find(subnet.id), subnet);
    const written = await store.subnets.update(subnet, { gatewayIp: '10.0.0.254', updatedAt: 2 });
    assert.deepEqual(written, { ...subnet, generation: 2, gatewayIp: '10.0.0.254', updatedAt: 2 });
    assert.deepEqual(await store.subnets.find(subnet.id), written);
    await assert.rejects(store.subnets.update(subnet, { name: 'late' }), { kind: 'conflict' });
  });

  it('refuses a subnet that overlaps another one of its network, or is on no network', async () => {
    const { store } = the();
    const { network, subnet } = await networkWithSubnet(store);
    for (const cidr of ['10.0.0.0/24', '10.0.0.128/25', '10.0.0.0/16', '0.0.0.0/0'])
      await assert.rejects(store.subnets.insert(sampleSubnet(network, { cidr, allocationPools: [] })), {
        kind: 'invalid',
        message: new RegExp(`overlaps with another subnet: ${subnet.id}`),
      });
    await store.subnets.insert(sampleSubnet(network, { cidr: '10.0.1.0/24', allocationPools: [] }));
    await networkWithSubnet(store); // the same addresses on another network
    await assert.rejects(store.subnets.insert(sampleSubnet(sampleNetwork())), { kind: 'not-found' });
  });

  it('lists subnets by what a project sees and by their columns', async () => {
    const { store } = the();
    const mine = someProject();
    const { network, subnet } = await networkWithSubnet(store);
    const six = sampleSubnet(network, {
      ipVersion: 6,
      cidr: 'fd00::/64',
      gatewayIp: 'fd00::1',
      allocationPools: [],
      enableDhcp: false,
      projectId: mine,
    });
    await store.subnets.insert(six);
    const listed = async (filter: Parameters<typeof store.subnets.list>[0]) =>
      sorted(await store.subnets.list({ networkIds: [network.id], ...filter }, ALL));
    assert.deepEqual(await listed({}), sorted([subnet, six]));
    assert.deepEqual(await listed({ ipVersion: 6 }), [six.id]);
    assert.deepEqual(await listed({ enableDhcp: true }), [subnet.id]);
    assert.deepEqual(await listed({ cidrs: ['fd00::/64'] }), [six.id]);
    assert.deepEqual(await listed({ gatewayIps: ['10.0.0.1'] }), [subnet.id]);
    assert.deepEqual(await listed({ visibleTo: mine }), [six.id]);
    await store.networks.update(network, { shared: true });
    assert.deepEqual(await listed({ visibleTo: someProject() }), sorted([subnet, six]));
  });

  it('deletes a subnet, but not while a port has an address of it', async () => {
    const { store } = the();
    const { network, subnet } = await networkWithSubnet(store);
    const port = await store.ports.insert(samplePort(network, { addresses: [{ subnetId: subnet.id }] }));
    await assert.rejects(store.subnets.delete(subnet.id), {
      kind: 'conflict',
      message: new RegExp(`subnet ${subnet.id}.*port ${port.id}`),
    });
    await store.ports.update(port, { addresses: [] });
    assert.equal(await store.subnets.delete(subnet.id), true);
    assert.equal(await store.subnets.delete(subnet.id), false);
    assert.equal(await store.subnets.count(network.projectId), 0);
  });

  it('counts what a project has, through inserts and deletes', async () => {
    const { store } = the();
    const { network } = await networkWithSubnet(store);
    const project = network.projectId;
    const group = sampleGroup({ projectId: project });
    await store.securityGroups.insert({ ...group, rules: [sampleRule(group)] });
    const port = await store.ports.insert(samplePort(network));
    const counts = () =>
      Promise.all([
        store.networks.count(project),
        store.subnets.count(project),
        store.ports.count(project),
        store.securityGroups.count(project),
        store.securityGroups.countRules(project),
      ]);
    assert.deepEqual(await counts(), [1, 1, 1, 1, 1]);
    const inside = await store.lockingTransaction((tx) => tx.ports.count(project));
    assert.equal(inside, 1);
    await store.ports.delete(port.id);
    await store.networks.delete(network.id);
    await store.securityGroups.delete(group.id);
    assert.deepEqual(await counts(), [0, 0, 0, 0, 0]);
  });
}

function portRows(the: TheStore): void {
  it('gives back a port as it was written, and as it was changed', async () => {
    const { store } = the();
    const { network, subnet } = await networkWithSubnet(store);
    const group = sampleGroup();
    await store.securityGroups.insert(group);
    const request = samplePort(network, {
      addresses: [{ subnetId: subnet.id }],
      deviceId: randomUUID(),
      deviceOwner: 'compute:nova',
      host: 'h1' as HostName,
      index: 0,
      deviceTag: 'nic',
      securityGroupIds: [group.id],
      deletedWithServer: true,
      tags: ['t'],
      name: 'p',
    });
    const port = await store.ports.insert(request);
    const { addresses: _, ...fields } = request;
    const expected = { ...fields, mac: port.mac, fixedIps: [{ subnetId: subnet.id, address: '10.0.0.10' }] };
    assert.deepEqual(port, expected);
    assert.match(port.mac, /^fa:16:3e(:[0-9a-f]{2}){3}$/);
    assert.deepEqual(await store.ports.find(port.id), port);
    const written = await store.ports.update(port, { status: 'ACTIVE', securityGroupIds: [], host: null });
    assert.deepEqual(written, {
      ...port,
      generation: 2,
      status: 'ACTIVE',
      securityGroupIds: [],
      host: null,
    });
    assert.deepEqual(await store.ports.find(port.id), written);
    await assert.rejects(store.ports.update(port, { name: 'late' }), { kind: 'conflict' });
    assert.equal(await store.ports.delete(port.id), true);
    assert.equal(await store.ports.delete(port.id), false);
    assert.equal(await store.ports.find(port.id), undefined);
  });

  it('refuses a port on what is not there, and keeps nothing of it', async () => {
    const { store } = the();
    const { network, subnet } = await networkWithSubnet(store);
    const { subnet: strange } = await networkWithSubnet(store);
    const bad: [Parameters<typeof samplePort>[1], string][] = [
      [{ networkId: randomUUID() as NetworkId, addresses: [] }, 'not-found'],
      [{ addresses: [{ subnetId: strange.id }] }, 'invalid'],
      [{ addresses: [{ subnetId: randomUUID() as SubnetId }] }, 'invalid'],
      [{ securityGroupIds: [randomUUID() as SecurityGroupId] }, 'not-found'],
    ];
    for (const [fields, kind] of bad) {
      const request = samplePort(network, { addresses: [{ subnetId: subnet.id }], ...fields });
      await assert.rejects(store.ports.insert(request), { kind });
      assert.equal(await store.ports.find(request.id), undefined);
    }
    const port = await store.ports.insert(samplePort(network, { addresses: [{ subnetId: subnet.id }] }));
    assert.equal(port.fixedIps[0]?.address, '10.0.0.10');
    assert.equal(await store.ports.count(network.projectId), 1);
    await assert.rejects(store.ports.insert({ ...samplePort(network), id: port.id }), { kind: 'conflict' });
  });

  it('gives a chosen MAC to one port of the deployment, and names its holder', async () => {
    const { store } = the();
    const [one, other] = [sampleNetwork(), sampleNetwork()];
    for (const network of [one, other]) await store.networks.insert(network);
    const mac = '02:00:00:00:00:01' as Port['mac'];
    const holder = await store.ports.insert(samplePort(one, { mac }));
    assert.equal(holder.mac, mac);
    const words = { kind: 'conflict', message: new RegExp(`${mac} is in use by port ${holder.id}`) };
    await assert.rejects(store.ports.insert(samplePort(other, { mac })), words);
    const second = await store.ports.insert(samplePort(other));
    await assert.rejects(store.ports.update(second, { mac }), words);
    await store.ports.delete(holder.id);
    assert.equal((await store.ports.update(second, { mac })).mac, mac);
  });

  it('takes in twins of an earlier release, and lets nobody claim their MAC while one of them is there', async () => {
    const { store } = the();
    const network = sampleNetwork();
    await store.networks.insert(network);
    const mac = '02:00:00:00:00:02' as Port['mac'];
    const taken = () => store.ports.takeIn({ ...samplePort(network), mac });
    const [one, two] = await Promise.all([taken(), taken()]);
    const three = await taken();
    const byId = (ports: readonly Port[]) => ports.toSorted((a, b) => a.id.localeCompare(b.id));
    assert.deepEqual([one.mac, two.mac, three.mac], [mac, mac, mac]);
    assert.deepEqual(await store.ports.withSharedMacs(), byId([one, two, three]));
    const other = await store.ports.insert(samplePort(network));
    const claims = async (holders: readonly Port[]) => {
      const names = { kind: 'conflict', message: new RegExp(holders.map(({ id }) => id).join('|')) };
      await assert.rejects(store.ports.insert(samplePort(network, { mac })), names);
      await assert.rejects(store.ports.update(other, { mac }), names);
    };
    await claims([one, two]);
    await store.ports.update(one, { name: 'renamed' });
    await store.ports.update(three, { name: 'renamed' });
    await store.ports.delete(one.id);
    await claims([two, three]);
    await store.ports.delete(two.id);
    await claims([three]);
    assert.deepEqual(await store.ports.withSharedMacs(), []);
    await store.ports.delete(three.id);
    assert.equal((await store.ports.update(other, { mac })).mac, mac);
  });

  it('gives the ports of servers in the order of their interfaces', async () => {
    const { store } = the();
    const network = sampleNetwork();
    await store.networks.insert(network);
    const [one, two, none] = [randomUUID(), randomUUID(), randomUUID()];
    const made: Port[] = [];
    for (const [deviceId, index] of [
      [one, 2],
      [two, 0],
      [one, 0],
      [one, 1],
      [two, null], // names the server, and is not attached to it
    ] as const) // prettier
      made.push(await store.ports.insert(samplePort(network, { deviceId, index })));
    const found = await store.ports.ofServers([one, two, none]);
    assert.deepEqual(found.get(one), [made[2], made[3], made[0]]);
    assert.deepEqual(found.get(two), [made[1]]);
    assert.deepEqual(found.get(none), []);
  });
}

function portLists(the: TheStore): void {
  it('lists ports by what a project sees, by their columns, groups and addresses', async () => {
    const { store } = the();
    const { network, subnet } = await networkWithSubnet(store);
    const mine = someProject();
    const group = sampleGroup();
    await store.securityGroups.insert(group);
    const at = (address: string) => ({ addresses: [{ subnetId: subnet.id, address }] });
    const one = await store.ports.insert(
      samplePort(network, { ...at('10.0.0.5'), projectId: mine, deviceId: 'd', status: 'ACTIVE' }),
    );
    const two = await store.ports.insert(
      samplePort(network, { ...at('10.0.0.6'), securityGroupIds: [group.id], deviceOwner: 'compute:nova' }),
    );
    const listed = async (filter: PortFilter) =>
      sorted(await store.ports.list({ networkIds: [network.id], ...filter }, ALL));
    assert.deepEqual(await listed({}), sorted([one, two]));
    assert.deepEqual(await listed({ visibleTo: mine }), [one.id]);
    assert.deepEqual(await listed({ visibleTo: network.projectId }), sorted([one, two]));
    assert.deepEqual(await listed({ deviceIds: ['d'] }), [one.id]);
    assert.deepEqual(await listed({ deviceOwners: ['compute:nova'] }), [two.id]);
    assert.deepEqual(await listed({ macs: [two.mac] }), [two.id]);
    assert.deepEqual(await listed({ statuses: ['ACTIVE', 'BUILD'] }), [one.id]);
    assert.deepEqual(await listed({ securityGroupIds: [group.id] }), [two.id]);
    assert.deepEqual(await store.ports.addressesIn(group.id), ['10.0.0.6']);
    assert.deepEqual(await store.ports.addressesIn(sampleGroup().id), []);
    assert.deepEqual(await listed({ fixedIps: [{ address: '10.0.0.6' }] }), [two.id]);
    assert.deepEqual(await listed({ fixedIps: [{ subnetId: subnet.id }] }), sorted([one, two]));
    const both = [{ address: '10.0.0.9' }, { subnetId: subnet.id, address: '10.0.0.5' }];
    assert.deepEqual(await listed({ fixedIps: both }), [one.id]);
    assert.deepEqual(await listed({ fixedIps: [] }), []);
    const sort = [{ key: 'mac_address', direction: 'desc' }] as const;
    const byMac = await store.ports.list({ networkIds: [network.id] }, { limit: 5, sort });
    assert.deepEqual(ids(byMac), one.mac > two.mac ? [one.id, two.id] : [two.id, one.id]);
  });
}

function groupRows(the: TheStore): void {
  it('gives back a security group with its rules in the order in which they were made', async () => {
    const { securityGroups } = the().store;
    const group = sampleGroup({ projectId: someProject(), tags: ['t'] });
    const rules = [22, 80, 443].map((port) =>
      sampleRule(group, { portRangeMin: port, portRangeMax: port, description: `for ${port}` }),
    );
    await securityGroups.insert({ ...group, rules: rules.slice(0, 2) });
    await securityGroups.addRule(rules[2]!);
    const full = { ...group, rules, generation: 2 };
    assert.deepEqual(await securityGroups.find(group.id), full);
    assert.deepEqual(await securityGroups.list({ visibleTo: group.projectId }, ALL), [full]);
    assert.deepEqual(await securityGroups.findRule(rules[1]!.id), rules[1]);
    const listed = await securityGroups.listRules({ groupIds: [group.id] }, ALL);
    assert.deepEqual(sorted(listed), sorted(rules));
    const written = await securityGroups.update(full, { name: 'renamed', updatedAt: 3 });
    assert.deepEqual(await securityGroups.find(group.id), written);
    await assert.rejects(securityGroups.update(full, {}), { kind: 'conflict' });
    assert.equal(await securityGroups.deleteRule(rules[0]!.id), true);
    assert.equal(await securityGroups.deleteRule(rules[0]!.id), false);
    assert.deepEqual((await securityGroups.find(group.id))?.rules, rules.slice(1));
  });

  it('refuses a rule that the group has already, and names it', async () => {
    const { securityGroups } = the().store;
    const group = sampleGroup();
    const rule = sampleRule(group);
    await securityGroups.insert({ ...group, rules: [rule] });
    await assert.rejects(securityGroups.addRule(sampleRule(group, { description: 'again' })), {
      kind: 'conflict',
      message: new RegExp(`Rule id is ${rule.id}`),
    });
    await securityGroups.addRule(sampleRule(group, { ethertype: 'IPv6' }));
    await assert.rejects(securityGroups.addRule(sampleRule(sampleGroup())), { kind: 'not-found' });
    const strange = sampleRule(group, { remoteGroupId: randomUUID() as SecurityGroupId });
    await assert.rejects(securityGroups.addRule(strange), { kind: 'not-found' });
  });

  it('makes one default group of a project, however many ask for it at once', async () => {
    const { securityGroups } = the().store;
    const project = someProject();
    const made = await Promise.all(Array.from({ length: 10 }, () => securityGroups.defaultOf(project, 5)));
    assert.equal(new Set(ids(made)).size, 1);
    assert.deepEqual(await securityGroups.list({ projectIds: [project] }, ALL), [made[0]]);
    const [group] = made;
    assert.equal(group?.name, 'default');
    const rules = group?.rules.map((rule) => [rule.direction, rule.ethertype, rule.remoteGroupId]);
    assert.deepEqual(rules, [
      ['egress', 'IPv4', null],
      ['ingress', 'IPv4', group?.id],
      ['egress', 'IPv6', null],
      ['ingress', 'IPv6', group?.id],
    ]);
    assert.equal(await securityGroups.count(project), 1);
    assert.equal(await securityGroups.countRules(project), 4);
  });

  it('deletes a group with the rules that name it, and not while a port is in it', async () => {
    const { store } = the();
    const network = sampleNetwork();
    await store.networks.insert(network);
    const [group, other] = [sampleGroup(), sampleGroup({ projectId: someProject() })];
    await store.securityGroups.insert(group);
    await store.securityGroups.insert({
      ...other,
      rules: [sampleRule(other, { remoteGroupId: group.id }), sampleRule(other)],
    });
    const port = await store.ports.insert(samplePort(network, { securityGroupIds: [group.id, other.id] }));
    await assert.rejects(store.securityGroups.delete(group.id), {
      kind: 'conflict',
      message: new RegExp(`${group.id} in use by port ${port.id}`),
    });
    await store.ports.update(port, { securityGroupIds: [other.id] });
    assert.equal(await store.securityGroups.delete(group.id), true);
    assert.equal(await store.securityGroups.delete(group.id), false);
    assert.equal((await store.securityGroups.find(other.id))?.rules.length, 1);
    assert.equal(await store.securityGroups.countRules(other.projectId), 1);
    assert.deepEqual((await store.ports.find(port.id as PortId))?.securityGroupIds, [other.id]);
  });
}
