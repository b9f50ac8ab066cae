import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { cloudsYaml } from '../../src/cli/clouds-yaml.ts';
import { type CloudUnderTest, PASSWORD, startCloud } from '../api/cloud-under-test.ts';
import { openstackWith } from '../lab/openstack.ts';

const run = promisify(execFile);
const PYTHON = '/usr/bin/python3';
const CLIENT = '/usr/bin/openstack';

/** Debian's openstacksdk, called as Ansible's `openstack.cloud.server` does. It prints the server as JSON. */
const CREATE = `
import json, sys, openstack
cloud = openstack.connect()
made = cloud.create_server(sys.argv[1], image=sys.argv[2], flavor=sys.argv[3], wait=True, timeout=60)
left = cloud.get_server(made.id)
print(json.dumps({'id': left.id, 'status': left.status, 'addresses': left.addresses, 'v4': made.access_ipv4 or made.private_v4}))
`;

describe('openstacksdk', {
  skip: existsSync(CLIENT) ? false : 'python3-openstackclient is not installed',
}, () => {
  let cloud: CloudUnderTest;
  let clouds: string;
  let openstack: ReturnType<typeof openstackWith>;
  before(async () => {
    cloud = await startCloud();
    clouds = join(cloud.folder, 'clouds.yaml');
    await writeFile(clouds, cloudsYaml({ url: cloud.service.url, password: PASSWORD }));
    openstack = openstackWith(clouds);
  });
  after(() => cloud.close());

  async function created(name: string, env: Record<string, string>) {
    const base = { PATH: '/usr/bin:/bin', HOME: '/nonexistent', LC_ALL: 'C.UTF-8' };
    const { stdout } = await run(PYTHON, ['-c', CREATE, name, cloud.image, 'small'], {
      env: { ...base, ...env },
      timeout: 120_000,
    });
    return JSON.parse(stdout);
  }

  it('keeps the server that create_server(wait=True) made, with its address, by clouds.yaml', async () => {
    const server = await created('by-file', { OS_CLIENT_CONFIG_FILE: clouds, OS_CLOUD: 'nameplate' });
    assert.equal(server.status, 'ACTIVE');
    const [{ addr }] = server.addresses.private;
    assert.match(addr, /^10\.114\./);
    assert.equal(server.v4, addr);
    assert.match(
      await openstack('server', 'show', 'by-file', '-f', 'value', '-c', 'addresses'),
      new RegExp(addr),
    );
  });

  it('keeps it as well when it is logged in by OS_ variables alone', async (t) => {
    const services = JSON.parse(await openstack('catalog', 'list', '-f', 'json')) as { Type: string }[];
    if (!services.some(({ Type }) => Type === 'network'))
      return t.skip('the catalog names no network service');
    const server = await created('by-variables', {
      OS_AUTH_URL: `${cloud.service.url}/identity/v3`,
      OS_USERNAME: 'admin',
      OS_PASSWORD: PASSWORD,
      OS_PROJECT_NAME: 'admin',
      OS_USER_DOMAIN_NAME: 'Default',
      OS_PROJECT_DOMAIN_NAME: 'Default',
      OS_REGION_NAME: 'RegionOne',
    });
    assert.equal(server.status, 'ACTIVE');
    assert.equal(server.addresses.private.length, 1);
  });
});
