import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cloudsYaml } from '../../src/cli/clouds-yaml.ts';
import { ADMIN_PASSWORD, type ApiUnderTest, startApi } from '../api/api-under-test.ts';
import { openstackWith } from '../lab/openstack.ts';

const obstacle = existsSync('/usr/bin/openstack') ? false : 'python3-openstackclient is not installed';

describe('the unmodified openstack client on networks', { skip: obstacle }, () => {
  let api: ApiUnderTest;
  let openstack: (...words: string[]) => Promise<string>;
  before(async () => {
    api = await startApi();
    await api.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = api.app.server.address() as AddressInfo;
    const clouds = join(api.folder, 'clouds.yaml');
    await writeFile(clouds, cloudsYaml({ url: `http://127.0.0.1:${port}`, password: ADMIN_PASSWORD }));
    openstack = openstackWith(clouds);
  });
  after(() => api.close());

  const run = (command: string) => openstack(...command.split(' '));
  const json = async (command: string) => JSON.parse(await run(`${command} -f json`));

  test('networks and subnets', async () => {
    const network = await json('network create --share --mtu 1450 lab');
    assert.equal(network.shared, true);
    const subnet = await json(
      'subnet create --network lab --subnet-range 10.44.0.0/24 --dns-nameserver 10.44.0.2 --allocation-pool start=10.44.0.10,end=10.44.0.20 lab4',
    );
    assert.equal(subnet.gateway_ip, '10.44.0.1');
    await run('network set --description lab-network --tag blue lab');
    const shown = await json('network show lab');
    assert.equal(shown.description, 'lab-network');
    assert.deepEqual(shown.tags, ['blue']);
    assert.deepEqual(shown.subnets, [subnet.id]);
    await run('subnet set --name renamed --gateway 10.44.0.254 lab4');
    assert.equal((await json('subnet show renamed')).gateway_ip, '10.44.0.254');
    const listed = await json('network list --long --tags blue');
    assert.deepEqual(
      listed.map(({ Name }: { Name: string }) => Name),
      ['lab'],
    );
    assert.equal((await json('subnet list --network lab')).length, 1);
  });

  test('ports', async () => {
    const port = await json(
      'port create --network lab --fixed-ip subnet=renamed,ip-address=10.44.0.77 --mac-address fa:16:3e:00:44:77 --tag x web',
    );
    assert.equal(port.mac_address, 'fa:16:3e:00:44:77');
    assert.deepEqual(
      port.fixed_ips.map(({ ip_address }: { ip_address: string }) => ip_address),
      ['10.44.0.77'],
    );
    await run('port set --description front --name front web');
    assert.equal((await json('port show front')).description, 'front');
    const found = await json('port list --fixed-ip ip-address=10.44.0.77');
    assert.equal(found[0].ID, port.id);
    await run('port unset --tag x front');
    await assert.rejects(run('network delete lab'));
    await run('port delete front');
    assert.deepEqual(await json('port list --network lab'), []);
  });

  test('security groups and their rules', async () => {
    const group = await json('security group create --description d web');
    const rule = await json(
      'security group rule create --ingress --protocol tcp --dst-port 22:23 --remote-ip 192.0.2.0/24 web',
    );
    assert.equal(rule.port_range_max, 23);
    await run('security group set --name www web');
    assert.equal((await json('security group show www')).id, group.id);
    assert.equal((await json('security group rule list www')).length, 3);
    assert.equal((await json(`security group rule show ${rule.id}`)).protocol, 'tcp');
    await run(`security group rule delete ${rule.id}`);
    await run('security group delete www');
    const names = (await json('security group list')).map(({ Name }: { Name: string }) => Name);
    assert.deepEqual(names, ['default']);
  });

  test('quotas, extensions, zones, agents, and what is not built', async () => {
    await run('quota set --ports 77 admin');
    const quota = await json('quota show --network admin').catch(() => json('quota show admin'));
    assert.match(JSON.stringify(quota), /77/);
    const extensions = await json('extension list --network');
    assert.ok(extensions.some(({ Alias }: { Alias: string }) => Alias === 'security-group'));
    assert.deepEqual(await json('network agent list'), []);
    for (const list of ['router list', 'floating ip list', 'subnet pool list', 'network rbac list'])
      assert.deepEqual(await json(list), []);
    await run('subnet delete renamed');
    await run('network delete lab');
    assert.deepEqual(await json('network list'), []);
  });
});
