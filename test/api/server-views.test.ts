import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type CloudUnderTest, startCloud } from './cloud-under-test.ts';

let cloud: CloudUnderTest;
let id: string;
before(async () => {
  cloud = await startCloud();
  id = await cloud.server();
});
after(() => cloud.close());

/** As recorded from the reference: what Tempest's schemas take at 2.1, and no other key. */
const FOR_ALL = [
  'OS-DCF:diskConfig', 'OS-EXT-AZ:availability_zone', 'OS-EXT-STS:power_state', 'OS-EXT-STS:task_state', 'OS-EXT-STS:vm_state',
  'OS-SRV-USG:launched_at', 'OS-SRV-USG:terminated_at', 'accessIPv4', 'accessIPv6', 'addresses', 'config_drive', 'created', 'flavor',
  'hostId', 'id', 'image', 'key_name', 'links', 'metadata', 'name', 'os-extended-volumes:volumes_attached', 'progress',
  'security_groups', 'status', 'tenant_id', 'updated', 'user_id',
]; // biome-ignore format: one list
const FOR_ADMIN = [
  'OS-EXT-SRV-ATTR:host',
  'OS-EXT-SRV-ATTR:hypervisor_hostname',
  'OS-EXT-SRV-ATTR:instance_name',
];
const FOR_ADMIN_SINCE_3 = [
  'hostname', 'kernel_id', 'launch_index', 'ramdisk_id', 'reservation_id', 'root_device_name', 'user_data',
].map((name) => `OS-EXT-SRV-ATTR:${name}`); // biome-ignore format: one list
/** What each version adds to what everybody sees. */
const SINCE: readonly (readonly [minor: number, key: string])[] = [
  [9, 'locked'],
  [19, 'description'],
  [26, 'tags'],
  [63, 'trusted_image_certificates'],
  [73, 'locked_reason'],
  [90, 'OS-EXT-SRV-ATTR:hostname'],
];

function keysAt(minor: number, isAdmin: boolean): string[] {
  const keys = new Set([...FOR_ALL, ...SINCE.filter(([since]) => minor >= since).map(([, key]) => key)]);
  if (isAdmin) for (const key of FOR_ADMIN) keys.add(key);
  if (isAdmin && minor >= 3) for (const key of FOR_ADMIN_SINCE_3) keys.add(key);
  if (isAdmin && minor >= 16) keys.add('host_status');
  return [...keys].sort();
}

describe('the keys of a server, at every version, for both roles', () => {
  for (const who of ['member', 'admin'] as const)
    test(who, async () => {
      const token = who === 'admin' ? cloud.admin : cloud.member.token;
      for (let minor = 1; minor <= 93; minor++) {
        const version = `2.${minor}`;
        const { body, headers } = await cloud.compute('GET', `/servers/${id}`, { version, token });
        const expected = keysAt(minor, who === 'admin');
        if (minor >= 71) expected.push('server_groups');
        assert.deepEqual(Object.keys(body.server).sort(), expected.sort(), version);
        assert.equal(headers.get('openstack-api-version'), `compute ${version}`);
        assert.equal(headers.get('x-openstack-nova-api-version'), version);
      }
    });

  test('a detailed list has the same, but never server groups', async () => {
    for (const minor of [1, 47, 71, 93]) {
      const { body } = await cloud.compute('GET', '/servers/detail', { version: `2.${minor}` });
      for (const server of body.servers) assert.deepEqual(Object.keys(server).sort(), keysAt(minor, false));
    }
  });

  test('PUT answers with a part until 2.75, then with the whole', async () => {
    const put = async (version: string) => {
      const { body } = await cloud.compute('PUT', `/servers/${id}`, {
        version,
        body: { server: { name: 's' } },
      });
      return Object.keys(body.server).sort();
    };
    const hidden = /^(OS-EXT|OS-SRV|os-extended|config_drive|key_name|security_groups)/;
    assert.deepEqual(
      await put('2.1'),
      keysAt(1, false).filter((key) => !hidden.test(key)),
    );
    assert.deepEqual(
      await put('2.74'),
      [...keysAt(74, false), 'server_groups'].filter((key) => !hidden.test(key)).sort(),
    );
    assert.deepEqual(await put('2.75'), [...keysAt(75, false), 'server_groups'].sort());
  });
});

describe('values', () => {
  test('flavor and image: linked by id; from 2.47 the flavor is inside', async () => {
    const { body } = await cloud.compute('GET', `/servers/${id}`);
    const { url } = cloud.service;
    assert.deepEqual(body.server.flavor, {
      id: 'small',
      links: [{ rel: 'bookmark', href: `${url}/compute/flavors/small` }],
    });
    assert.deepEqual(body.server.image.links, [
      { rel: 'bookmark', href: `${url}/compute/images/${cloud.image}` },
    ]);
    assert.deepEqual(body.server.links, [
      { rel: 'self', href: `${url}/compute/v2.1/servers/${id}` },
      { rel: 'bookmark', href: `${url}/compute/servers/${id}` },
    ]);
    const later = await cloud.compute('GET', `/servers/${id}`, { version: '2.47' });
    assert.deepEqual(later.body.server.flavor, {
      vcpus: 1, ram: 64, disk: 1, ephemeral: 0, swap: 0, original_name: 'small', extra_specs: {},
    }); // biome-ignore format: one line
  });

  test('times, power state, host id', async () => {
    const { body } = await cloud.compute('GET', `/servers/${id}`, { token: cloud.admin });
    const { server } = body;
    assert.match(server.created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.match(server['OS-SRV-USG:launched_at'], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    assert.equal(server['OS-SRV-USG:terminated_at'], null);
    assert.equal(server['OS-EXT-STS:power_state'], 1);
    assert.match(server.hostId, /^[0-9a-f]{56}$/);
    assert.equal(server['OS-EXT-SRV-ATTR:host'], 'cmp1');
    assert.match(server['OS-EXT-SRV-ATTR:instance_name'], /^instance-[0-9a-f]{8}$/);
    const other = await cloud.server();
    assert.equal((await cloud.compute('GET', `/servers/${other}`)).body.server.hostId, server.hostId);
  });

  test('a server that failed shows its fault, and no progress', async () => {
    const refused = {
      name: 'lost',
      flavorRef: 'small',
      imageRef: cloud.image,
      availability_zone: 'nova:nowhere',
    };
    const made = await cloud.compute('POST', '/servers', { token: cloud.admin, body: { server: refused } });
    assert.equal(made.status, 202);
    const path = `/servers/${made.body.server.id}`;
    const server = await cloud.atRest(made.body.server.id);
    assert.equal(server?.status, 'ERROR');
    const { body } = await cloud.compute('GET', path, { token: cloud.admin });
    assert.equal('progress' in body.server, false);
    assert.equal(body.server.fault.code, 500);
    assert.match(body.server.fault.message, /^No valid host was found\./);
  });

  test('links begin with the address that the client used; a forged one is not repeated', async () => {
    const at = async (headers: Record<string, string>) =>
      (await cloud.compute('GET', `/servers/${id}`, { headers })).body.server.links[0].href;
    assert.ok(
      (await at({ 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' })).startsWith(
        cloud.service.url,
      ),
    );
  });
});
