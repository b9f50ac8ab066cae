import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { sampleAddress, samplePort } from '../../../../test/lab/sample-port.ts';
import type { GuestPort } from '../../../model/network/guest-port.ts';
import { samplePlan } from '../sample-plan.ts';
import { configDriveFiles } from './content.ts';
import { networkData } from './network-data.ts';

const run = promisify(execFile);

/** What a guest gets of the drive of a plan with these ports. */
function onDrive(ports: readonly GuestPort[], file: string) {
  const files = configDriveFiles({ ...samplePlan(), ports }, { hasInterface: true, randomSeed: '' });
  return JSON.parse(String(files.get(`openstack/latest/${file}`)));
}

const STATIC = samplePort({
  number: 9,
  network: { kind: 'flat', physicalNetwork: 'lan', mtu: 1400 },
  addresses: [
    sampleAddress({
      address: '192.0.2.9',
      cidr: '192.0.2.0/25',
      gateway: '192.0.2.1',
      dns: ['192.0.2.53'],
      routes: [{ destination: '198.51.100.0/24', nexthop: '192.0.2.2' }],
    }),
    sampleAddress({ version: 6, address: 'fd00::9', cidr: 'fd00::/64', gateway: 'fd00::1', dhcp: false }),
  ],
});

test('a port behind its host takes its address by DHCP, one on a flat network as it stands here', () => {
  const nat = samplePort();
  const data = onDrive([nat, STATIC], 'network_data.json');
  const [first, second] = [nat, STATIC].map(({ id }) => `tap${id.slice(0, 11)}`);
  assert.deepEqual(data.links, [
    { id: first, vif_id: nat.id, type: 'phy', mtu: 1500, ethernet_mac_address: nat.mac },
    { id: second, vif_id: STATIC.id, type: 'phy', mtu: 1400, ethernet_mac_address: STATIC.mac },
  ]);
  assert.deepEqual(data.networks, [
    { id: 'network0', type: 'ipv4_dhcp', link: first, network_id: nat.network.id },
    {
      id: 'network1',
      type: 'ipv4',
      link: second,
      network_id: STATIC.network.id,
      ip_address: '192.0.2.9',
      netmask: '255.255.255.128',
      routes: [
        { network: '0.0.0.0', netmask: '0.0.0.0', gateway: '192.0.2.1' },
        { network: '198.51.100.0', netmask: '255.255.255.0', gateway: '192.0.2.2' },
      ],
      services: [{ type: 'dns', address: '192.0.2.53' }],
    },
    {
      id: 'network2',
      type: 'ipv6',
      link: second,
      network_id: STATIC.network.id,
      ip_address: 'fd00::9',
      netmask: 'ffff:ffff:ffff:ffff::',
      routes: [{ network: '::', netmask: '::', gateway: 'fd00::1' }],
      services: [],
    },
  ]);
  assert.deepEqual(data.services, [{ type: 'dns', address: '192.0.2.53' }]);
});

test('a port without an address asks the DHCP server of its network', () => {
  const [network] = onDrive([samplePort({ addresses: [] })], 'network_data.json').networks;
  assert.equal(network.type, 'ipv4_dhcp');
});

test('a tagged port is among the devices', () => {
  const port = samplePort({ tag: 'uplink' });
  assert.deepEqual(onDrive([port, samplePort()], 'meta_data.json').devices, [
    { type: 'nic', bus: 'none', address: 'none', mac: port.mac, tags: ['uplink'] },
  ]);
});

/** Debian's cloud-init reads the network data of a drive, and prints what it would configure. */
const CONVERT = `
import json, sys
from cloudinit.sources.helpers.openstack import convert_net_json
data = json.loads(sys.argv[1])
macs = {link['ethernet_mac_address']: 'eth%d' % at for at, link in enumerate(data['links'])}
print(json.dumps(convert_net_json(data, known_macs=macs)))
`;
const CLOUD_INIT = '/usr/lib/python3/dist-packages/cloudinit';

test("cloud-init's own parser gives each port its name, MAC and addresses", {
  skip: existsSync(CLOUD_INIT) ? false : 'cloud-init is not installed',
}, async () => {
  const nat = samplePort();
  const data = JSON.stringify(networkData([nat, STATIC]));
  const { stdout } = await run('/usr/bin/python3', ['-c', CONVERT, data]);
  const { config } = JSON.parse(stdout);
  const [first, second, dns] = config;
  assert.deepEqual([first.mac_address, first.mtu, first.subnets], [nat.mac, 1500, [{ type: 'dhcp4' }]]);
  assert.equal(second.mac_address, STATIC.mac);
  const [four, six] = second.subnets;
  assert.deepEqual([four.type, four.address, four.netmask], ['static', '192.0.2.9', '255.255.255.128']);
  assert.equal(four.routes[0].gateway, '192.0.2.1');
  assert.match(six.type, /^static6?$/);
  assert.equal(six.address, 'fd00::9');
  assert.deepEqual(dns, { type: 'nameserver', address: '192.0.2.53' });
});
