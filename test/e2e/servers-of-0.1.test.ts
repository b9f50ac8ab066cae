import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ComputeClient } from '../lab/compute-client.ts';
import { libvirtHostObstacle } from '../lab/libvirt-host.ts';
import { type LibvirtHosts, type SwitchedHost, startLibvirtHosts } from '../lab/libvirt-hosts.ts';
import { natsObstacle } from '../lab/nats.ts';
import { type Part, startPart } from '../lab/part.ts';
import type { PartSettings, Parts, startParts } from '../lab/parts.ts';
import { checkOutPreviousRelease, previousReleaseObstacle, type Release } from '../lab/previous-release.ts';

const obstacle = libvirtHostObstacle() ?? natsObstacle() ?? (await previousReleaseObstacle()) ?? false;
const BRIDGE = 'br-old';
const INSTANCES_PATH = '/var/lib/libvirt/nameplate';
/** A flavor of the demo cloud. */
const SMALL = '3';

interface ShownPort {
  readonly id: string;
  readonly network_id: string;
  readonly mac_address: string;
  readonly status: string;
  readonly port_security_enabled: boolean;
}

/** What the Network API answers: one of these. */
interface NetworkAnswer {
  readonly ports: readonly ShownPort[];
  readonly network: Readonly<Record<string, unknown>>;
  readonly NeutronError: { readonly message: string };
}

/** What of a definition its guest can tell. */
function machineIn(xml: string): object {
  const all = (pattern: RegExp) => [...xml.matchAll(pattern)].map((match) => match.slice(1).join(' '));
  const devices = /<devices>([\s\S]*)<\/devices>/.exec(xml)?.[1] ?? '';
  return {
    type: all(/<type arch='x86_64' machine='([^']+)'/g),
    devices: [...devices.matchAll(/^ {4}<([a-z]+)/gm)].map(([, name]) => name).toSorted(),
    macs: all(/<mac address='([^']+)'/g),
    mtus: all(/<mtu size='([^']+)'/g),
    serials: all(/<serial>([^<]+)<\/serial>/g),
    places: all(/<address type='pci'([^/]*)/g).toSorted(),
    smbios: all(/<entry name='version'>([^<]*)/g),
  };
}

describe('servers that release 0.1 made on real hosts', { skip: obstacle, timeout: 900_000 }, () => {
  let release: Release;
  let machines: LibvirtHosts;
  let parts: Parts;
  let running: Part[];
  let client: ComputeClient;
  let url: string;
  const servers: Record<'moving' | 'twin' | 'alone', string> = { moving: '', twin: '', alone: '' };
  const machine: Record<string, object> = {};
  let mac: string;

  const hostNamed = (name: string) => machines.hosts.find((host) => host.name === name) as SwitchedHost;
  const inside = ({ pid }: SwitchedHost) => [
    'nsenter',
    '-t',
    `${pid}`,
    '--mount',
    '--pid',
    '--uts',
    '--wd=/',
  ];
  const virsh = async (host: SwitchedHost, ...words: string[]) => (await host.exec('virsh', words)).stdout;

  async function whereIs(id: string): Promise<SwitchedHost> {
    const shown = (await client.show(id)) as unknown as Record<string, string>;
    return hostNamed(shown['OS-EXT-SRV-ATTR:host'] ?? '');
  }
  const definitionOf = async (id: string) => virsh(await whereIs(id), 'dumpxml', '--inactive', id);

  async function network(method: string, path: string, body?: object) {
    const response = await fetch(`${url}/networking/v2.0/${path}`, {
      method,
      headers: { 'x-auth-token': client.token, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as NetworkAnswer };
  }
  const portsOf = async (id: string) => (await network('GET', `ports?device_id=${id}`)).body.ports;

  async function startRelease(): Promise<void> {
    const lab = await import(`${release.folder}/test/lab/parts.ts`);
    parts = await (lab.startParts as typeof startParts)();
    const replica = await parts.serve('replica1');
    await parts.furnish({ guests: true });
    running = [replica];
    for (const [index, host] of machines.hosts.entries()) {
      await host.exec('sh', ['-c', `ip link add ${BRIDGE} type bridge; ip link set ${BRIDGE} up`]);
      const settings: PartSettings = {
        DEFAULT: { my_ip: `127.0.1.${index + 1}`, instances_path: INSTANCES_PATH, report_interval: '1' },
        libvirt: {
          ...{ connection_uri: 'qemu:///system', virt_type: 'qemu', sysinfo_serial: 'unique' },
          ...{ network_type: 'bridge', network_name: BRIDGE, live_migration_inbound_addr: host.address },
        },
      };
      running.push(await parts.agent(host.name, settings, { inside: inside(host) }));
    }
    await loginTo(replica);
  }

  /** All parts anew, with the same configuration and files. */
  async function upgrade(): Promise<void> {
    for (const part of running.toReversed()) await part.end();
    const configured = (name: string) => ['--config-file', join(parts.folder, name, 'nameplate.conf')];
    const replica = await startPart(['serve', ...configured('replica1')]);
    running = [replica];
    for (const host of machines.hosts)
      running.push(await startPart(['agent', ...configured(host.name)], { inside: inside(host) }));
    await loginTo(replica);
  }

  async function loginTo(replica: Part): Promise<void> {
    ({ url } = replica);
    client = await ComputeClient.login(url);
    const up = async () =>
      ((await client.ask('GET', '/os-hypervisors')) as { hypervisors: { state: string }[] }).hypervisors;
    while ((await up()).filter(({ state }) => state === 'up').length < machines.hosts.length)
      await delay(100);
  }

  async function redefine(id: string, change: (xml: string) => string): Promise<void> {
    await client.act(id, { 'os-stop': null }, 'SHUTOFF');
    const words = ['-c', 'echo "$1" > /tmp/changed.xml; virsh define /tmp/changed.xml', 'sh'];
    await (await whereIs(id)).exec('sh', [...words, change(await definitionOf(id))]);
  }

  /** What a hash of 24 bits, and hosts without `network_type`, make of servers. */
  async function makeTwinAndAlone(): Promise<void> {
    mac = /<mac address='([^']+)'/.exec(await definitionOf(servers.moving))?.[1] ?? '';
    await redefine(servers.twin, (xml) => xml.replace(/<mac address='[^']+'/, `<mac address='${mac}'`));
    await redefine(servers.alone, (xml) => xml.replace(/<interface[\s\S]*<\/interface>/, ''));
  }

  before(async () => {
    release = await checkOutPreviousRelease();
    machines = await startLibvirtHosts({ count: 2 });
    await startRelease();
    const imageRef = await client.imageId('nameplate-demo');
    for (const name of ['moving', 'twin', 'alone'] as const) {
      const asked = { name, imageRef, flavorRef: SMALL };
      servers[name] = await client.createServer(asked);
      await client.rests(servers[name], 'ACTIVE');
    }
    await makeTwinAndAlone();
    for (const id of Object.values(servers)) machine[id] = machineIn(await definitionOf(id));
    await upgrade();
    while ((await portsOf(servers.twin)).length === 0) await delay(100); // its host's first report
    while ((await portsOf(servers.moving)).length === 0) await delay(100);
  });
  after(async () => {
    for (const part of (running ?? []).toReversed()) await part.end();
    await parts?.close();
    await machines?.stop();
    await release?.remove();
  });

  it('have their interface as a port with its MAC, on a flat network of the name that the hosts configure', async () => {
    const [port, ...others] = await portsOf(servers.moving);
    assert.deepEqual(others, []);
    assert.deepEqual([port?.mac_address, port?.status, port?.port_security_enabled], [mac, 'ACTIVE', false]);
    const { body } = await network('GET', `networks/${port?.network_id}`);
    assert.equal(body.network['provider:network_type'], 'flat');
    assert.equal(body.network['provider:physical_network'], BRIDGE);
    const listed = await client.ask('GET', `/servers/${servers.moving}/os-interface`);
    assert.equal(
      (listed as { interfaceAttachments: { mac_addr: string }[] }).interfaceAttachments[0]?.mac_addr,
      mac,
    );
  });

  it('have no port where they had no interface', async () => {
    assert.deepEqual(await portsOf(servers.alone), []);
  });

  it('keep a MAC that two of them have: the audit names both, and no port can claim it', async () => {
    const [one] = await portsOf(servers.moving);
    const [two] = await portsOf(servers.twin);
    assert.equal(two?.mac_address, mac);
    const response = await fetch(`${url}/nameplate/v1/serials/audit`, {
      headers: { 'x-auth-token': client.token },
    });
    const { audit } = (await response.json()) as { audit: { shared_mac_addresses: object[] } };
    const ports = [
      { port_id: one?.id, server_id: servers.moving },
      { port_id: two?.id, server_id: servers.twin },
    ].toSorted((a, b) => (a.port_id ?? '').localeCompare(b.port_id ?? ''));
    assert.deepEqual(audit.shared_mac_addresses, [{ mac_address: mac, ports }]);
    const port = { network_id: one?.network_id, mac_address: mac };
    const refused = await network('POST', 'ports', { port });
    assert.equal(refused.status, 409);
    assert.match(refused.body.NeutronError.message, new RegExp(`in use by port (${one?.id}|${two?.id})`));
  });

  const OPERATIONS: readonly [name: string, carryOut: (id: string) => Promise<void>][] = [
    [
      'stop and start',
      async (id) => {
        await client.act(id, { 'os-stop': null }, 'SHUTOFF');
        await client.act(id, { 'os-start': null }, 'ACTIVE');
      },
    ],
    ['a hard reboot', (id) => client.act(id, { reboot: { type: 'HARD' } }, 'ACTIVE')],
    [
      'a live migration',
      (id) => client.act(id, { 'os-migrateLive': { host: null, block_migration: 'auto' } }, 'ACTIVE'),
    ],
    [
      'a cold migration',
      async (id) => {
        await client.act(id, { migrate: null }, 'VERIFY_RESIZE');
        await client.act(id, { confirmResize: null }, 'ACTIVE');
      },
    ],
    [
      'a resize that is reverted',
      async (id) => {
        const { flavor } = (await client.ask('GET', `/flavors/${SMALL}`)) as {
          flavor: Record<string, number>;
        };
        const larger = {
          name: 'larger',
          id: 'larger',
          ram: flavor.ram,
          vcpus: 1,
          disk: (flavor.disk ?? 0) + 1,
        };
        await client.ask('POST', '/flavors', { flavor: larger });
        await client.act(id, { resize: { flavorRef: 'larger' } }, 'VERIFY_RESIZE');
        assert.deepEqual(machineIn(await definitionOf(id)), machine[id]);
        await client.act(id, { revertResize: null }, 'ACTIVE');
      },
    ],
  ];
  for (const [name, carryOut] of OPERATIONS)
    it(`are the same machine after ${name}`, async () => {
      await carryOut(servers.moving);
      assert.deepEqual(machineIn(await definitionOf(servers.moving)), machine[servers.moving]);
      assert.deepEqual(
        (await portsOf(servers.moving)).map((port) => port.mac_address),
        [mac],
      );
    });

  it('gain no interface where they had none', async () => {
    await client.act(servers.alone, { reboot: { type: 'HARD' } }, 'ACTIVE');
    assert.deepEqual(machineIn(await definitionOf(servers.alone)), machine[servers.alone]);
  });

  it('get a screen when they are rebuilt, and keep all else', async () => {
    const imageRef = await client.imageId('nameplate-demo');
    await client.act(servers.moving, { rebuild: { imageRef } }, 'ACTIVE');
    const xml = await definitionOf(servers.moving);
    assert.match(xml, /<graphics type='vnc'/);
    const before = machine[servers.moving] as Record<string, readonly string[]>;
    const after = machineIn(xml) as Record<string, readonly string[]>;
    for (const same of ['type', 'macs', 'serials', 'smbios'])
      assert.deepEqual(after[same], before[same], same);
    for (const place of before.places ?? []) assert.ok(after.places?.includes(place), place);
  });
});
