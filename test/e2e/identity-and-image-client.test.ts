import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cloudsYaml } from '../../src/cli/clouds-yaml.ts';
import { ADMIN_PASSWORD, type ApiUnderTest, startApi } from '../api/api-under-test.ts';
import { openstackWith } from '../lab/openstack.ts';

const obstacle = existsSync('/usr/bin/openstack') ? false : 'python3-openstackclient is not installed';

describe('the unmodified openstack client on identity and images', { skip: obstacle }, () => {
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

  const value = (command: string, column: string) =>
    openstack(...command.split(' '), '-f', 'value', '-c', column);

  test('tokens, projects, users, roles', async () => {
    assert.match(await value('token issue', 'id'), /^[\w-]{43}$/);
    const projectId = await value('project create demo', 'id');
    const userId = await value('user create --password secret --project demo bob', 'id');
    assert.equal(await value('user show bob', 'default_project_id'), projectId);
    await openstack('role', 'add', '--project', 'demo', '--user', 'bob', 'member');
    const [given] = JSON.parse(
      await openstack('role', 'assignment', 'list', '--names', '-f', 'json', '--user', 'bob'),
    );
    assert.deepEqual([given.Role, given.User, given.Project], ['member', 'bob@Default', 'demo@Default']);
    await openstack('user', 'set', '--email', 'b@x', userId);
    await openstack('user', 'delete', 'bob');
    await openstack('project', 'delete', 'demo');
    await assert.rejects(
      openstack('project', 'show', 'demo'),
      /No project with a name or ID of 'demo' exists/,
    );
    assert.match(await openstack('catalog', 'list'), /compute.*image.*identity/s);
  });

  test('images go in, are described, found and come out as they were', async () => {
    const [source, copy] = [join(api.folder, 'source.img'), join(api.folder, 'copy.img')];
    const data = randomBytes(300_000);
    await writeFile(source, data);
    const words = [
      '--disk-format',
      'raw',
      '--container-format',
      'bare',
      '--property',
      'hw_unique_serial=yes',
    ];
    await openstack('image', 'create', ...words, '--file', source, 'picture');
    const shown = JSON.parse(await openstack('image', 'show', 'picture', '-f', 'json'));
    assert.deepEqual(
      [shown.status, shown.size, shown.properties.hw_unique_serial],
      ['active', 300_000, 'yes'],
    );
    await openstack('image', 'save', '--file', copy, 'picture');
    assert.ok((await readFile(copy)).equals(data));
    await openstack('image', 'set', '--property', 'foo=bar', '--tag', 'x', '--name', 'renamed', 'picture');
    await openstack('image', 'unset', '--property', 'hw_unique_serial', 'renamed');
    const changed = JSON.parse(await openstack('image', 'show', 'renamed', '-f', 'json'));
    assert.deepEqual(
      [changed.tags, changed.properties.foo, changed.properties.hw_unique_serial],
      [['x'], 'bar', undefined],
    );
    await assert.rejects(
      openstack('image', 'set', '--property', 'hw_unique_serial=maybe', 'renamed'),
      /accepted is 1, t, true, on, y, yes for true, 0, f, false, off, n, no for false/,
    );
    assert.equal(await value('image list --tag x', 'Name'), 'renamed');
    await openstack('image', 'delete', 'renamed');
    assert.equal(await openstack('image', 'list', '-f', 'value'), '');
  });
});
