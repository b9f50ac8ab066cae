import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cloudsYaml } from '../../src/cli/clouds-yaml.ts';
import { type CloudUnderTest, PASSWORD, startCloud } from '../api/cloud-under-test.ts';
import { openstackWith } from '../lab/openstack.ts';

const obstacle = existsSync('/usr/bin/openstack') ? false : 'python3-openstackclient is not installed';

describe('the unmodified openstack client on many hosts, simulated', { skip: obstacle }, () => {
  let cloud: CloudUnderTest;
  let folder: string;
  let openstack: (words: string) => Promise<string>;
  before(async () => {
    cloud = await startCloud([], ['cmp1', 'cmp2', 'cmp3']);
    folder = await mkdtemp(join(tmpdir(), 'nameplate-client-'));
    const clouds = join(folder, 'clouds.yaml');
    await writeFile(clouds, cloudsYaml({ url: cloud.service.url, password: PASSWORD }));
    const run = openstackWith(clouds);
    openstack = (words) => run(...words.split(' '));
  });
  after(async () => {
    await cloud?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const json = async (command: string) => JSON.parse(await openstack(`${command} -f json`));
  const hostOf = async (id: string): Promise<string> =>
    (await cloud.compute('GET', `/servers/${id}`, { token: cloud.admin })).body.server[
      'OS-EXT-SRV-ATTR:host'
    ];

  test('aggregates, by name', async () => {
    await openstack('aggregate create --zone east --property ssd=true fast');
    await openstack('aggregate add host fast cmp3');
    const shown = await json('aggregate show fast');
    assert.deepEqual(
      [shown.availability_zone, shown.hosts, shown.properties],
      ['east', ['cmp3'], { ssd: 'true' }],
    );
    await openstack('aggregate unset --property ssd fast');
    await openstack('aggregate set --name faster fast');
    assert.deepEqual(
      (await json('aggregate list --long')).map((line: Record<string, unknown>) => [
        line.Name,
        line.Properties,
      ]),
      [['faster', {}]],
    );
    const zones = await json('availability zone list --compute');
    assert.deepEqual(zones.map((line: Record<string, unknown>) => line['Zone Name']).sort(), [
      'east',
      'nova',
    ]);
    await assert.rejects(openstack('aggregate delete faster'), /Host aggregate is not empty/);
    await openstack('aggregate remove host faster cmp3');
    await openstack('aggregate delete faster');
    assert.deepEqual(await json('aggregate list'), []);
  });

  test('server groups, and a server that is moved', async () => {
    await openstack('server group create --policy anti-affinity apart');
    const { id } = await json('server group show apart');
    const create = `server create --flavor small --image ${cloud.image} --nic none --hint group=${id}`;
    const made = await Promise.all([json(`${create} one`), json(`${create} two`)]);
    const ids = made.map((server: { id: string }) => server.id);
    for (const server of ids) await cloud.atRest(server);
    const [first, other] = [await hostOf(ids[0]!), await hostOf(ids[1]!)];
    assert.notEqual(first, other);
    assert.equal((await json('server group show apart')).members.length, 2);
    const free = ['cmp1', 'cmp2', 'cmp3'].find((host) => ![first, other].includes(host));
    await openstack(`server migrate --live-migration --host ${free} one`);
    await cloud.atRest(ids[0]!);
    assert.equal(await hostOf(ids[0]!), free);
    await openstack(`server migrate --host ${first} one`);
    await cloud.atRest(ids[0]!);
    await openstack('server migrate confirm one');
    await cloud.atRest(ids[0]!);
    assert.equal(await hostOf(ids[0]!), first);
    const moves = await json('server migration list --server one');
    assert.deepEqual(
      moves.map((line: Record<string, unknown>) => [line.Type, line['Source Compute'], line['Dest Compute']]),
      [
        ['migration', free, first],
        ['live-migration', first, free],
      ],
    );
    await openstack('server delete one two');
    await openstack('server group delete apart');
    assert.deepEqual(await json('server group list'), []);
  });

  test('services and hypervisors of all hosts', async () => {
    await openstack('compute service set --disable --disable-reason attic cmp2 nova-compute');
    const services = await json('compute service list');
    assert.deepEqual(
      services.map((line: Record<string, unknown>) => [line.Host, line.Status, line.State]),
      [
        ['cmp1', 'enabled', 'up'],
        ['cmp2', 'disabled', 'up'],
        ['cmp3', 'enabled', 'up'],
      ],
    );
    assert.equal((await json('hypervisor list')).length, 3);
    const { ID: id } = services[1] as { ID: string };
    await openstack(`compute service delete ${id}`);
    assert.equal((await json('compute service list')).length, 2);
  });
});
