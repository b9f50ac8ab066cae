import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type CloudWithNetworks, startCloudWithNetworks } from './cloud-with-networks.ts';

let cloud: CloudWithNetworks;
before(async () => {
  cloud = await startCloudWithNetworks();
});
after(() => cloud.close());

const ask = (method: string, path: string, body?: object, version = '2.35') =>
  cloud.compute(method, path, { version, ...(body !== undefined && { body }) });
const makeGroup = async (name: string) =>
  (await ask('POST', '/os-security-groups', { security_group: { name, description: '' } })).body
    .security_group;
const makeRule = (security_group_rule: object) =>
  ask('POST', '/os-security-group-rules', { security_group_rule });

test('Nova makes, shows, changes and deletes security groups to 2.35', async () => {
  const made = await ask('POST', '/os-security-groups', {
    security_group: { name: 'web', description: 'w' },
  });
  assert.equal(made.status, 200);
  const { id } = made.body.security_group;
  assert.deepEqual(made.body.security_group.rules, []);
  const changed = await ask('PUT', `/os-security-groups/${id}`, {
    security_group: { name: 'www', description: '' },
  });
  assert.deepEqual([changed.status, changed.body.security_group.name], [200, 'www']);
  const listed = await ask('GET', '/os-security-groups?limit=1&offset=1');
  assert.deepEqual(
    listed.body.security_groups.map((group: { name: string }) => group.name),
    ['www'],
  );
  assert.equal((await ask('DELETE', `/os-security-groups/${id}`)).status, 202);
  assert.equal((await ask('GET', `/os-security-groups/${id}`)).status, 404);
  assert.equal((await ask('GET', '/os-security-groups', undefined, '2.36')).status, 404);
});

test('a security group that Nova refuses is refused with its status', async () => {
  const body = (security_group: object) => ({ security_group });
  const cases: [method: string, path: string, body: object | undefined, status: number][] = [
    ['POST', '/os-security-groups', {}, 400],
    ['POST', '/os-security-groups', body({ name: 1, description: '' }), 400],
    ['POST', '/os-security-groups', body({ name: 'x'.repeat(256), description: '' }), 400],
    ['POST', '/os-security-groups', body({ name: 'default', description: '' }), 403],
    ['PUT', '/os-security-groups/x', body({ name: 'a', description: '' }), 400],
    ['DELETE', '/os-security-groups/x', undefined, 400],
    ['DELETE', '/os-security-groups/0b2ab1f1-9d3a-4b6a-8b1c-0a3d3f8f6a11', undefined, 404],
  ];
  for (const [method, path, sent, status] of cases)
    assert.equal((await ask(method, path, sent)).status, status, `${method} ${path}`);
  const groups = (await ask('GET', '/os-security-groups')).body.security_groups;
  const own = groups.find(({ name }: { name: string }) => name === 'default');
  assert.equal((await ask('DELETE', `/os-security-groups/${own.id}`)).status, 400);
});

test('Nova makes and deletes rules to 2.35, and a running guest gets them', async () => {
  const group = await makeGroup('rules');
  const id = await cloud.created({ networks: 'auto', security_groups: [{ name: 'rules' }] });
  const parent_group_id = group.id;
  const made = await makeRule({ parent_group_id, ip_protocol: 'tcp', from_port: 22, to_port: '22' });
  assert.equal(made.status, 200, made.text);
  const { id: ruleId, ip_range, from_port } = made.body.security_group_rule;
  assert.deepEqual([ip_range, from_port], [{ cidr: '0.0.0.0/0' }, 22]);
  const upper = group.id.toUpperCase(); // as some clients write UUIDs
  const open = await makeRule({ parent_group_id: upper, ip_protocol: 'ICMP', group_id: upper });
  assert.deepEqual(
    [open.body.security_group_rule.from_port, open.body.security_group_rule.group.name],
    [-1, 'rules'],
  );
  const shown = await ask('GET', `/servers/${id}/os-security-groups`);
  assert.equal(shown.body.security_groups[0].rules.length, 2);
  for (const key of ['removeSecurityGroup', 'addSecurityGroup'])
    assert.equal((await ask('POST', `/servers/${id}/action`, { [key]: { name: upper } })).status, 202, key);
  assert.equal((await ask('DELETE', `/os-security-group-rules/${ruleId.toUpperCase()}`)).status, 202);
  assert.equal((await ask('DELETE', `/os-security-group-rules/${ruleId}`)).status, 404);
});

test('a rule that Nova refuses is refused with its status and words', async () => {
  const { id: parent_group_id } = await makeGroup('refused');
  const tcp = { ip_protocol: 'tcp', from_port: 1, to_port: 2 };
  assert.equal((await makeRule({ parent_group_id, ...tcp })).status, 200);
  const none = '0b2ab1f1-9d3a-4b6a-8b1c-0a3d3f8f6a11';
  const cases: [rule: object, status: number, message: RegExp][] = [
    [tcp, 400, /already exists/],
    [{ ...tcp, parent_group_id: 'x' }, 400, /Security group id should be uuid/],
    [{ ...tcp, parent_group_id: none }, 404, /does not exist/],
    [{ ...tcp, group_id: none }, 404, /does not exist/],
    [{}, 400, /Not enough parameters/],
    [{ ...tcp, ip_protocol: 'frob' }, 400, /Invalid IP protocol frob/],
    [{ ...tcp, from_port: 3 }, 400, /Invalid port range 3:2. Former value/],
    [{ ...tcp, to_port: 70_000 }, 400, /should be between 1-65535/],
    [{ ...tcp, from_port: 'a' }, 400, /To and From ports must be integers/],
    [{ ...tcp, ip_protocol: 'icmp', to_port: 256 }, 400, /type:code must be valid/],
    [{ ...tcp, cidr: '10.0.0.0/99' }, 400, /Invalid cidr/],
  ];
  for (const [rule, status, message] of cases) {
    const { status: answered, text } = await makeRule({ parent_group_id, ...rule });
    assert.equal(answered, status, JSON.stringify(rule));
    assert.match(text, message);
  }
});

test('what nova-network had is gone, and floating IPs are none', async () => {
  for (const [method, path] of [
    ['GET', '/os-fixed-ips/10.0.0.1'],
    ['POST', '/os-networks'],
    ['DELETE', '/os-tenant-networks/x'],
    ['GET', '/os-floating-ips-bulk'],
    ['GET', '/os-security-group-default-rules'],
    ['GET', '/os-fping'],
  ] as const)
    assert.equal((await ask(method, path, method === 'POST' ? {} : undefined)).status, 410, path);
  assert.deepEqual((await ask('GET', '/os-floating-ip-pools')).body, { floating_ip_pools: [] });
  assert.equal((await ask('POST', '/os-floating-ips', {})).status, 404);
  assert.equal((await ask('DELETE', '/os-floating-ips/1')).status, 404);
});

test('a changed or rebuilt server shows plain addresses below 2.75, and an IPv6 access address in short', async () => {
  const id = await cloud.created({ networks: 'auto', accessIPv6: '0000:0000::babe:220.12.22.2' });
  const put = async (version: string) =>
    (await ask('PUT', `/servers/${id}`, { server: { name: 'n' } }, version)).body.server;
  assert.deepEqual(Object.keys((await put('2.74')).addresses.private[0]), ['version', 'addr']);
  const whole = await put('2.75');
  assert.equal(whole.addresses.private[0]['OS-EXT-IPS:type'], 'fixed');
  assert.equal(whole.accessIPv6, '::babe:dc0c:1602');
});

test('files of a request go to the guest by the config drive, within the limits, and go with a rebuild', async () => {
  const file = { path: '/etc/motd', contents: Buffer.from('hello').toString('base64') };
  const create = (personality: object[]) =>
    cloud.create({ networks: 'none', personality }, { version: '2.56' });
  const cases: [personality: object[], status: number][] = [
    [[{ ...file, contents: '%' }], 400],
    [[{ contents: file.contents }], 400],
    [Array(6).fill(file), 403],
    [[{ ...file, path: `/${'x'.repeat(255)}` }], 403],
    [[{ ...file, contents: Buffer.alloc(10_241).toString('base64') }], 403],
  ];
  for (const [personality, status] of cases) assert.equal((await create(personality)).status, status);
  const made = await create([file]);
  const { id } = made.body.server;
  await cloud.atRest(id);
  const stored = () => cloud.service.store.servers.find(id);
  assert.deepEqual((await stored())?.files, [file]);
  assert.equal((await stored())?.configDrive, true);
  const rebuild = await ask('POST', `/servers/${id}/action`, { rebuild: { imageRef: cloud.image } });
  assert.equal(rebuild.status, 202);
  await cloud.atRest(id);
  assert.deepEqual((await stored())?.files, []);
});
